"""One detector: trained on real pictures, on synthetic ones or on both, and tried on real ones."""

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import msgspec
import torch

from simgen.evaluate.album import canvas
from simgen.evaluate.detections import save
from simgen.evaluate.loader import Augmentation, Canvas
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.precision import precision
from simgen.evaluate.table import FINETUNED, PRETRAINED, REAL, SYNTHETIC, Row, Table, share_of
from simgen.evaluate.training import Kind, Schedule, Shares, detections, train
from simgen.evaluate.weights import load
from simgen.scratch import replace_file


@dataclass(frozen=True, eq=False)
class Trials:
    """All that the trainings of a table have in common.

    Attributes:
        out: the folder of their results.
        real, synthetic: to train on. `real_test`, `synthetic_test`: to try on.
    """

    out: Path
    table: Table
    kind: Kind
    schedule: Schedule
    augmentation: Augmentation
    real: Pictures
    real_test: Pictures
    synthetic: Pictures
    synthetic_test: Pictures

    @cached_property
    def canvas(self) -> Canvas:
        """Height and width that pictures are fitted into: those that the tests need."""
        return canvas(self.real_test, self.schedule.size)

    def result(self, row: Row) -> dict[str, Any] | None:
        """Returns the result of a row if it is there and was made with these settings."""
        try:
            found = msgspec.json.decode((self.out / f"{row.name}.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        if not isinstance(found, dict) or found.get("key") != self._key(row):
            return None
        lost = row.training == PRETRAINED and not (self.out / _weights(row)).is_file()
        return None if lost else found

    def steps(self, row: Row) -> int:
        """Returns how many steps a row itself takes: one half of a fine-tuning is shared."""
        half = row.training in (PRETRAINED, FINETUNED)
        return max(1, self.schedule.steps // 2) if half else self.schedule.steps

    def run(self, row: Row, told: Callable[[int], None]) -> None:
        """Trains and tries the detector of a row; its result is put into the folder last.

        Raises:
            SimgenError: a picture cannot be read, or the folder not be written to.
        """
        start, cpu = perf_counter(), process_time()
        schedule, sets = replace(self.schedule, steps=self.steps(row)), self._sets(row)
        parts = [(pictures, self._shares(name, sets)) for name, pictures in sets.items()]
        how = self.augmentation, self.canvas, row.seed
        model = train(self._begun(row), parts, schedule, *how, told)
        if row.training == PRETRAINED:
            self._keep(model, row)
        counts = {name: len(sets.get(name, ())) for name in (REAL, SYNTHETIC)}
        if row.training == FINETUNED:
            counts[SYNTHETIC] = len(self.synthetic)
        result = {
            "id": row.name,
            "key": self._key(row),
            "training": row.training,
            **counts,
            "real_share": row.real,
            "synthetic_share": row.synthetic,
            "seed": row.seed,
            "steps": self.schedule.steps if row.training == FINETUNED else schedule.steps,
            **self._tried(model, row),
            "seconds": round(perf_counter() - start, 1),
            "cpu_seconds": round(process_time() - cpu, 1),
        }
        replace_file(self.out, f"{row.name}.json", [msgspec.json.encode(result)])

    def found(self, row: Row, on: str) -> str:
        """Returns the file of what the detector of a row found in the test pictures of a side."""
        return f"{row.name}-on-{on}.npz"

    def _sets(self, row: Row) -> dict[str, Pictures]:
        """Returns what the row's own steps show."""
        sets = {}
        if row.real:
            sets[REAL] = share_of(self.real, row.real, row.seed)
        if row.synthetic and row.training != FINETUNED:
            sets[SYNTHETIC] = share_of(self.synthetic, row.synthetic, row.seed)
        return sets

    def _shares(self, name: str, sets: dict[str, Pictures]) -> Shares:
        """Returns what share of a batch comes from a set, at the first step and at the last."""
        if len(sets) == 1:
            return 1.0, 1.0
        first, last = self.table.real_in_batch
        return (first, last) if name == REAL else (1 - first, 1 - last)

    def _begun(self, row: Row):
        """Returns the detector as it is before the row's own steps."""
        torch.manual_seed(row.seed)
        model = self.kind.new(len(self.real.categories))
        if row.training == FINETUNED:
            model.load_state_dict(load(self.out / _weights(row))[0])
        return model

    def _keep(self, model, row: Row) -> None:
        data = io.BytesIO()
        torch.save(model.state_dict(), data)
        replace_file(self.out, _weights(row), [data.getvalue()])

    def _tried(self, model, row: Row) -> dict[str, Any]:
        """Returns all figures on the real test pictures, and AP50 on the synthetic ones."""
        figures = {}
        for on, pictures in ((SYNTHETIC, self.synthetic_test), (REAL, self.real_test)):
            found = detections(model, pictures, self.canvas)
            save(self.out, self.found(row, on), found)
            figures[on] = precision(pictures, found)
        return figures[REAL] | {"ap50_on_synthetic": figures[SYNTHETIC]["ap50"]}

    def _key(self, row: Row) -> str:
        """Returns a digest of all that the row's result depends on."""
        tests = self.real_test.digest, self.synthetic_test.digest
        sets = [pictures.digest for pictures in self._sets(row).values()]
        if row.training == FINETUNED:
            sets.append(self.synthetic.digest)
        how = asdict(self.schedule), asdict(self.augmentation), self.canvas
        kind = self.kind.name, self.kind.weights_sha256, asdict(self.kind) | {"device": None}
        said = row.name, self.steps(row), tests, sets, how, self.table.real_in_batch, kind
        return sha256(msgspec.json.encode(said)).hexdigest()


def _weights(row: Row) -> str:
    return f"{PRETRAINED}-seed{row.seed}.pt"
