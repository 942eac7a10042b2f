"""The settings of targets: what is asked of the frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np

from simgen.checks import require
from simgen.distributions import is_distribution, written
from simgen.errors import SimgenError, one_of
from simgen.targets.goals import OF_SILHOUETTES, Goal, Range, Shares, balance, goal
from simgen.targets.match import Reference

MEASURED = ("objects", "box_px", "visible_fraction", "truncation")


@dataclass(frozen=True)
class Targets:
    """What the frames should show, each and all together; null: as they come.

    A range [low, high] is kept by every frame, for each of its objects. A histogram {edges: [...],
    shares: [...]} is what all frames have together, as nearly as the proposals allow.

    Attributes:
        balance: 'equal', or a weight by category; categories left out are free.
        objects: labelled objects in the picture.
        box_px: the square root of a box's area, in pixels.
        visible_fraction, truncation: as labels have them.
        match: a COCO file whose boxes the frames should follow, in size, aspect, position and
            number, relative to the picture's size.
        proposals: among which each frame chooses; `frames_together` choose so that together they
            show what is asked for.
        pilot: proposals, made once in each process, that show what the scene can do.
    """

    balance: Any = None
    objects: Any = None
    box_px: Any = None
    visible_fraction: Any = None
    truncation: Any = None
    match: str | None = None
    proposals: int = 4
    frames_together: int = 32
    pilot: int = 160

    def __post_init__(self):
        require(1, 100, whole=True, fixed=True, proposals=self.proposals)
        require(1, 100, whole=True, fixed=True, frames_together=self.frames_together)
        require(8, 100_000, whole=True, fixed=True, pilot=self.pilot)
        for name in ("balance", *MEASURED):
            value = getattr(self, name)
            if is_distribution(value):
                raise SimgenError(f"{name}={written(value)}: write a range as [low, high]")
        if not isinstance(self.match, str | None):
            raise SimgenError(f"match={written(self.match)} must be the path of a COCO file")
        if self.balance is not None:
            names = tuple(self.balance) if isinstance(self.balance, Mapping) else ("",)
            balance(self.balance, names)
        self._measured, self.reference  # noqa: B018  (so that mistakes are told at once)

    @property
    def names(self) -> tuple[str, ...]:
        """What is asked for."""
        every = ("balance", "match", *MEASURED)
        return tuple(name for name in every if getattr(self, name) is not None)

    @property
    def asked(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.names)

    @property
    def together(self) -> int:
        """How many frames are chosen at a time: one, if each is asked by itself alone."""
        alone = self.balance is None and self.match is None
        alone = alone and all(isinstance(each, Range) for each in self._measured)
        return 1 if alone else self.frames_together

    @property
    def silhouettes(self) -> bool:
        """Whether hidden and cut off parts count."""
        return any(each.key in OF_SILHOUETTES for each in self._measured)

    def count(self, point: float) -> int | None:
        """Returns how many objects a frame should show, spread over the frames as `point` is."""
        if self.objects is None:
            return None
        asked = self.objects if isinstance(self.objects, Mapping) else {"edges": self.objects}
        edges, shares = asked["edges"], np.array(asked.get("shares", (1.0,)), float)
        ends = np.append(0, np.cumsum(shares / shares.sum()))
        k = min(int(np.searchsorted(ends, point, side="right")) - 1, len(shares) - 1)
        low, high = (
            ceil(edges[k]),
            floor(edges[k + 1]) if k == len(shares) - 1 else ceil(edges[k + 1]) - 1,
        )
        return low + int((point - ends[k]) / (ends[k + 1] - ends[k]) * (high - low + 1))

    @cached_property
    def reference(self) -> Reference | None:
        """The dataset to match."""
        return Reference.load(self.match) if self.match is not None else None

    @cached_property
    def _measured(self) -> tuple[Goal, ...]:
        values = {name: getattr(self, name) for name in MEASURED}
        return tuple(goal(name, value) for name, value in values.items() if value is not None)

    @property
    def ranges(self) -> tuple[Range, ...]:
        """What each frame has to keep."""
        return tuple(each for each in self._measured if isinstance(each, Range))

    def shares(self, categories: Sequence[str]) -> tuple[Shares, ...]:
        """Returns what all frames should have together.

        Raises:
            SimgenError: a category is none of the dataset's.
        """
        found = tuple(each for each in self._measured if isinstance(each, Shares))
        if isinstance(self.balance, Mapping):
            for name in self.balance:
                one_of("targets.balance", name, categories)
        if self.balance is not None:
            found += (balance(self.balance, categories),)
        return found + (self.reference.goals() if self.reference else ())
