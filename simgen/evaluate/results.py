"""What metrics.json holds, as the report reads it: any part may be missing or unfinished."""

from pathlib import Path

from msgspec import Struct, field

from simgen.audit.reading import read_json

FILE = "metrics.json"


class Side(Struct, frozen=True):
    """One of the two folders."""

    folder: str = ""
    name: str = ""
    pictures: int = 0
    boxes: int = 0
    digest: str = ""
    annotations: str = ""


class Distance(Struct, frozen=True):
    """One figure for how far the two are apart.

    Attributes:
        of: 'images' or 'crops', which are the labelled boxes alone.
        error: its standard error.
        synthetic, real: how many of each it was computed from.
    """

    name: str
    of: str = "images"
    value: float | None = None
    error: float | None = None
    better: str = "lower"
    synthetic: int = 0
    real: int = 0
    seed: int | None = None
    backbone: str = ""
    weights_sha256: str = ""
    note: str | None = None


class Counted(Struct, frozen=True):
    """A statistic of one side: `counts` of `n` values between the edges that both sides share.

    Attributes:
        pictures: how many of them had a value; earlier results do not tell.
    """

    n: int = 0
    pictures: int | None = None
    mean: float | None = None
    counts: tuple[float, ...] = ()


class Prescription(Struct, frozen=True):
    """An override of the generator's settings that would narrow a gap."""

    override: str
    why: str = ""


class Gap(Struct, frozen=True):
    """One statistic of the pictures or the boxes, on both sides.

    Attributes:
        of: 'pictures' or 'boxes', '' in earlier results.
        seed: by which pictures were drawn where a side has too many; None where all were read.
    """

    statistic: str
    distance: float | None = None
    synthetic: Counted = Counted()
    real: Counted = Counted()
    edges: tuple[float, ...] = ()
    of: str = ""
    seed: int | None = None
    unit: str = ""
    note: str | None = None
    prescriptions: tuple[Prescription, ...] = ()


class Run(Struct, frozen=True):
    """One detector, trained once and tested on the real test pictures; APs are shares of 1.

    Attributes:
        real, synthetic: how many pictures it was trained on.
        real_share: of the real training pictures that there are.
        classes: AP50 of each. `classes_ap`: AP of each; earlier results have none.
    """

    training: str
    id: str = ""
    real: int = 0
    synthetic: int = 0
    real_share: float = 0.0
    seed: int = 0
    steps: int = 0
    seconds: float = 0.0
    ap: float | None = None
    ap50: float | None = None
    ap75: float | None = None
    ap_small: float | None = None
    ap_medium: float | None = None
    ap_large: float | None = None
    classes: dict[str, float | None] = {}
    classes_ap: dict[str, float | None] = {}


class Pair(Struct, frozen=True):
    """A synthetic picture and the nearest other one; paths inside their folders."""

    synthetic: str = ""
    real: str = ""
    other: str = ""
    distance: float | None = None

    @property
    def partner(self) -> str:
        """The nearest one."""
        return self.real or self.other


class Copies(Struct, frozen=True):
    """Nearest neighbours; a pair at the threshold or below is a copy."""

    synthetic_of_real: tuple[Pair, ...] = ()
    synthetic_of_synthetic: tuple[Pair, ...] = ()
    threshold: float | None = None
    checked: int = 0

    def close(self, pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Returns those of the pairs that are copies."""
        limit = self.threshold
        return tuple(p for p in pairs if None not in (limit, p.distance) and p.distance <= limit)


class Confusion(Struct, frozen=True):
    """How often what was detected as what: a row for each true label, a column for each detected.

    Attributes:
        score: detections below it do not count.
        labels: the last is background: false alarms in its row, misses in its column.
    """

    labels: tuple[str, ...] = ()
    matrix: tuple[tuple[int, ...], ...] = ()
    iou: float | None = None
    score: float | None = None
    f1: float | None = None

    @property
    def whole(self) -> bool:
        """Whether there is a row and a column for each label."""
        size = len(self.labels)
        return 0 < size == len(self.matrix) and all(len(row) == size for row in self.matrix)

    @property
    def boxes(self) -> dict[str, int]:
        """How many boxes of the test each category has, {} where that is not known."""
        rows = zip(self.labels[:-1], self.matrix) if self.whole else ()
        return {label: sum(row) for label, row in rows}


class Bin(Struct, frozen=True):
    """Part of the test: from `start` to `end`, or one `value`; AP50 lies within `low` to `high`."""

    start: float | None = field(default=None, name="from")
    end: float | None = field(default=None, name="to")
    value: str | float | bool | None = None
    pictures: int = 0
    boxes: int = 0
    ap50: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    stands_out: bool = False


class Slice(Struct, frozen=True):
    """AP50 by bins of one quantity; `of` says whether in real or synthetic pictures."""

    by: str
    of: str = ""
    ap50: float | None = None
    bins: tuple[Bin, ...] = ()


class Transfer(Struct, frozen=True):
    """Detectors trained on either side and on both.

    Attributes:
        analysed: the run whose detector's mistakes on real pictures are told.
        misses: a picture beside metrics.json with the worst of them.
    """

    runs: tuple[Run, ...] = ()
    test: Side = Side()
    detector: str = ""
    weights_sha256: str = ""
    analysed: str = ""
    misses: str | None = None
    confusion: Confusion = Confusion()
    slices: tuple[Slice, ...] = ()


class Metrics(Struct, frozen=True):
    """All of the file; parts that are not there yet are empty or None."""

    command: str = ""
    machine: str = ""
    versions: dict[str, str] = {}
    synthetic: Side = Side()
    real: Side = Side()
    distances: tuple[Distance, ...] = ()
    copies: Copies | None = None
    gap: tuple[Gap, ...] = ()
    transfer: Transfer | None = None


def load(out: Path) -> Metrics:
    """Returns what OUT/metrics.json holds.

    Raises:
        Unreadable: it is missing, or no such file.
    """
    return read_json(out, FILE, Metrics)
