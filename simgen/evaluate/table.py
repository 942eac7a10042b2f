"""Which detectors are compared: on real pictures alone, synthetic ones alone, and both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.evaluate.pictures import Pictures

REAL, SYNTHETIC, MIXED, FINETUNED, PRETRAINED = (
    "real", "synthetic", "mixed", "finetuned", "pretrained",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """The rows of the table; each is trained for the same number of steps.

    Attributes:
        real: shares of the real pictures to train on alone.
        synthetic: shares of the synthetic ones to train on alone.
        mixed: shares of the real ones, together with all synthetic ones.
        finetuned: shares of the real ones in the second half of the steps, after a first half on
            all synthetic ones.
        seeds: each row is trained once with each; it decides the order of pictures, how they vary,
            what is drawn at first, and which pictures a share has.
        test_share: of the real pictures, on which all are tried and none is trained.
        synthetic_test_share: of the synthetic ones, to find where a detector is weak on them.
        real_in_batch: what share of a batch is real in a mix, at the first step and at the last.
    """

    real: tuple[float, ...] = (1.0,)
    synthetic: tuple[float, ...] = (0.25, 0.5, 1.0)
    mixed: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 1.0)
    finetuned: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 1.0)
    seeds: tuple[int, ...] = (0, 1)
    test_share: float = 0.4
    synthetic_test_share: float = 0.15
    real_in_batch: tuple[float, float] = (0.25, 1.0)

    def __post_init__(self):
        require(0.05, 0.95, fixed=True, test_share=self.test_share)
        require(0.01, 0.9, fixed=True, synthetic_test_share=self.synthetic_test_share)
        shares = self.real_in_batch
        if not isinstance(shares, list | tuple) or len(shares) != 2:
            raise SimgenError(
                f"table.real_in_batch={shares} must be two shares, that at the first step and that "
                f"at the last: [0.25, 1]"
            )
        for share in shares:
            require(0, 1, fixed=True, real_in_batch=share)
        for name in (REAL, SYNTHETIC, MIXED, FINETUNED):
            for share in getattr(self, name):
                if not 0 < share <= 1:
                    raise SimgenError(f"table.{name}={share} must be more than 0 and at most 1")
        if not self.seeds:
            raise SimgenError("table.seeds is empty: name at least one")

    def rows(self) -> Iterator["Row"]:
        """Yields what is to be trained; what others start from comes first."""
        for seed in self.seeds:
            if self.finetuned:
                yield Row(PRETRAINED, 0.0, 1.0, seed)
        for seed in self.seeds:
            yield from (Row(REAL, share, 0.0, seed) for share in sorted(self.real)[::-1])
            yield from (Row(SYNTHETIC, 0.0, share, seed) for share in sorted(self.synthetic)[::-1])
            yield from (Row(MIXED, share, 1.0, seed) for share in sorted(self.mixed)[::-1])
            yield from (Row(FINETUNED, share, 1.0, seed) for share in sorted(self.finetuned)[::-1])


@dataclass(frozen=True)
class Row:
    """One training: which shares of the real and the synthetic pictures, and the seed."""

    training: str
    real: float
    synthetic: float
    seed: int

    @property
    def name(self) -> str:
        """Its name as a file: mixed-real25-synthetic100-seed0."""
        shares = (("real", self.real), ("synthetic", self.synthetic))
        parts = [f"{kind}{100 * share:g}" for kind, share in shares if share]
        return "-".join([self.training, *parts, f"seed{self.seed}"])


def parted(pictures: Pictures, test_share: float) -> tuple[Pictures, Pictures]:
    """Returns those to train on and those to try on.

    A picture's digest decides, so the parts stay what they are when others are added, and copies
    of a file are never in both. Of a dataset of simgen's in which several views show each scene,
    the scene decides, as in an export (see export/splits.py): none is in both.

    Raises:
        SimgenError: one of the parts is empty, or the dataset's card is damaged.
    """
    keys = _scenes(pictures) or [p.digest for p in pictures.pictures]
    test = [_place(key) < test_share for key in keys]
    if all(test) or not any(test):
        raise SimgenError(
            f"{pictures.root}: {len(pictures)} pictures ({len(set(keys))} without copies and "
            f"further views) are too few to set {test_share:g} of them aside for the test"
        )
    indices = range(len(pictures))
    return tuple(pictures.subset([i for i in indices if test[i] == kind]) for kind in (False, True))


def share_of(pictures: Pictures, share: float, seed: int) -> Pictures:
    """Returns a share of the pictures, at least one; a smaller share is part of a larger one."""
    digests = [_digest(f"{seed}/{p.digest}") for p in pictures.pictures]
    order = sorted(range(len(pictures)), key=lambda i: digests[i])
    return pictures.subset(sorted(order[: max(1, round(share * len(pictures)))]))


def spread(values: Iterable[float | None]) -> dict[str, float | None]:
    """Returns the mean of the values that are known, and half of the range that they span; None
    where there are too few to tell."""
    known = [value for value in values if value is not None]
    return {
        "mean": sum(known) / len(known) if known else None,
        "spread": (max(known) - min(known)) / 2 if len(known) > 1 else None,
    }


def _scenes(pictures: Pictures) -> list[str]:
    """Returns a digest of each picture's scene, [] where each shows a scene of its own."""
    try:
        card = Dataset.load(pictures.root).card
    except SimgenError:  # no dataset of simgen's, or a stranger's file of that name
        return []
    if card.views == 1:
        return []
    return [
        p.digest if p.frame is None else _digest(f"{card.seed}/{p.frame // card.views}")
        for p in pictures.pictures
    ]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _place(digest: str) -> float:
    """Returns a number in [0, 1) that a digest stands for."""
    return int(digest[:8], 16) / 2**32
