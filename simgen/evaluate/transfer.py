"""Train on synthetic pictures, test on real ones: the whole table, resumable, on every core."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.checks import require
from simgen.dataset import CARD
from simgen.evaluate.analysis import analyse, sampled
from simgen.evaluate.crew import train_all
from simgen.evaluate.detections import load
from simgen.evaluate.loader import Augmentation
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.table import (
    FINETUNED,
    MIXED,
    PRETRAINED,
    REAL,
    SYNTHETIC,
    Row,
    Table,
    parted,
    spread,
)
from simgen.evaluate.training import Kind, Schedule
from simgen.evaluate.trial import Trials
from simgen.machine import cores
from simgen.progress import track

log = logging.getLogger(__name__)
_FOLDER = "transfer"


@dataclass(frozen=True)
class Transfer:
    """How the table is made.

    Attributes:
        jobs: trainings at a time, each with its share of the cores; 0: one for each core.
    """

    table: Table
    detector: Kind
    schedule: Schedule
    augmentation: Augmentation
    jobs: int = 0

    def __post_init__(self):
        require(0, 1024, whole=True, fixed=True, jobs=self.jobs)

    def measure(self, synthetic: Pictures, real: Pictures, out: Path) -> dict[str, Any]:
        """Returns the runs, the table and what the detectors get wrong, as metrics.json has it.

        What is in `out` already, made with the same settings from the same pictures, stays.

        Raises:
            SimgenError: too few pictures, categories that the two do not share, a picture that
                cannot be read, or a folder that cannot be written to.
        """
        trials = self._trials(synthetic, real, out / _FOLDER)
        rows = tuple(self.table.rows())
        _train(trials, rows, self.jobs or cores())
        runs = [trials.result(row) for row in rows if row.training != PRETRAINED]
        return {
            "runs": runs,
            "table": _summary(runs),
            "test": _side(trials.real_test),
            "detector": self.detector.name,
            "weights_sha256": self.detector.weights_sha256,
            **_mistakes(trials, rows, out),
        }

    def _trials(self, synthetic: Pictures, real: Pictures, out: Path) -> Trials:
        common = [name for name in real.categories if name in synthetic.categories]
        if not common:
            synthetic = synthetic.with_categories(real.categories)  # says what is wrong
        alone = sorted({*synthetic.categories, *real.categories} - {*common})
        if alone:
            log.info("transfer leaves out what only one side has: %s", ", ".join(alone))
        synthetic, real = synthetic.with_categories(common), real.with_categories(common)
        train, test = parted(real, self.table.test_share)
        ours, held_back = parted(synthetic, self.table.synthetic_test_share)
        how = self.table, self.detector, self.schedule, self.augmentation
        return Trials(out, *how, train, test, ours, held_back)


def _train(trials: Trials, rows: Sequence[Row], jobs: int) -> None:
    """Trains what is not there yet."""
    todo = [row for row in rows if trials.result(row) is None]
    if not todo:
        return
    log.info("transfer: %d of %d trainings to do", len(todo), len(rows))
    total, left = (sum(trials.steps(row) for row in some) for some in (rows, todo))
    for _ in track(train_all(trials, todo, jobs), total, total - left, "steps"):
        pass


def _summary(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns a line for each training set, over its seeds."""
    groups: dict[tuple, list[Mapping[str, Any]]] = {}
    for run in runs:
        key = run["training"], run["real_share"], run["synthetic_share"]
        groups.setdefault(key, []).append(run)
    return [
        {
            "training": training,
            "real_share": real,
            "synthetic_share": synthetic,
            "real": group[0]["real"],
            "synthetic": group[0]["synthetic"],
            "seeds": len(group),
            **{name: spread(run[name] for run in group) for name in ("ap50", "ap", "ap75")},
        }
        for (training, real, synthetic), group in groups.items()
    ]


def _mistakes(trials: Trials, rows: Sequence[Row], out: Path) -> dict[str, Any]:
    """Returns what the detector trained on both gets wrong on real pictures, and where the one
    trained on synthetic pictures alone is weak on synthetic ones that it was not shown."""
    best = _first(rows, MIXED, FINETUNED, SYNTHETIC, REAL)
    found = load(trials.out, trials.found(best, REAL))
    mistakes = {"analysed": best.name, **analyse(trials.real_test, found, out)}
    weak = _first(rows, SYNTHETIC, MIXED, FINETUNED, REAL)
    found = load(trials.out, trials.found(weak, SYNTHETIC))
    theirs = trials.synthetic_test
    records = sampled(theirs) if (theirs.root / CARD).is_file() else {}
    more = analyse(theirs, found, trials.out, records)["slices"]
    return mistakes | {"slices": mistakes["slices"] + more}


def _first(rows: Sequence[Row], *trainings: str) -> Row:
    """Returns the first row of the first of these trainings that there is."""
    return next(row for training in trainings for row in rows if row.training == training)


def _side(pictures: Pictures) -> dict[str, Any]:
    boxes = sum(int((~picture.crowd).sum()) for picture in pictures.pictures)
    return {"pictures": len(pictures), "boxes": boxes, "digest": pictures.digest}
