"""What was chosen for a dataset, where a run that goes on finds it: in the dataset's config."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import msgspec
import yaml

from simgen.audit.reading import Unreadable
from simgen.dataset import CONFIG, Dataset
from simgen.farm.budget import Costs, told
from simgen.store import Place, store_at


@dataclass(frozen=True)
class Plan:
    """A choice.

    Attributes:
        asked: the budget, in seconds.
        given: the frames that were asked for; None: as many as fit.
        spent_s: by the trial.
    """

    asked: float
    given: int | list[int] | None
    samples: Annotated[int, msgspec.Meta(ge=1)]
    frames: Annotated[int, msgspec.Meta(ge=1)]
    spent_s: float
    costs: Costs

    def told(self) -> str:
        """Returns what it comes to."""
        left = told(self.spent_s + self.costs.seconds(self.frames, self.samples))
        frames = f"{self.frames} frame{'s' * (self.frames > 1)} of {self.samples} samples"
        return f"{frames} take {left}, {told(self.spent_s)} of it for the trial"


def found(out: Place) -> tuple[Plan | None, int | None]:
    """Returns the plan in a dataset's config, and the samples of its frames, if it has any."""
    store = store_at(out)
    try:
        config = yaml.safe_load(store.read(CONFIG))
        kept = msgspec.convert(config["budget"], Plan)
    except (Unreadable, yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        kept = None
    with suppress(Unreadable):
        if store.names("records"):
            samples = Dataset.load(out).card.settings.get("renderer.samples")
            return kept, samples if type(samples) is int and samples > 0 else None
    return kept, None
