"""Which frames train, validate and test: decided once, and the same when a dataset has grown.

Frames of one scene stay together, or pictures of what was trained on would be tested on. Scene and
frame have the same number, unless several views show each scene (views= of the dataset's settings):
then the scene's is the frame's // views. A second instant and a second camera are files of the same
frame and go where it goes.

By frame (the default): SHA-256 of "<seed>/<scene>", as a number from 0 to 1, lies in the share of
train, val or test, in this order. Nothing else decides, so no frame ever moves, two exports of one
dataset agree, and so do two datasets of one seed that show the same scenes through another lens,
sensor or quality, or in more views. Shares that change by a little move few scenes.

By class: frames are taken by rising number, and the first of each scene goes to the split that
lacks most of what it shows: for each class, the split's share less what it has of the instances so
far, times the frame's part of them, so that rare classes weigh most; frames count as one more
class. Only frames with smaller numbers decide, so a dataset that grows at its end keeps its splits;
frames that are filled in between may move later ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from simgen.distributions import written
from simgen.errors import SimgenError, one_of

NAMES = ("train", "val", "test")
FRAME, CLASS = "frame", "class"


@dataclass(frozen=True)
class Splits:
    """How frames are shared out.

    Attributes:
        shares: of train, val and test; those left out are 0. They add up to 1.
        by: 'frame' or 'class'.
    """

    shares: Sequence[float] = (1.0,)
    by: str = FRAME

    def __post_init__(self):
        one_of("split_by", self.by, (FRAME, CLASS))
        shown = f"split={written(self.shares)}"
        plain = isinstance(self.shares, tuple | list) and 1 <= len(self.shares) <= len(NAMES)
        if not plain or not all(type(share) in (int, float) for share in self.shares):
            raise SimgenError(f"{shown} must be the shares of train, val and test: 0.8,0.1,0.1")
        if not all(0 <= share <= 1 for share in self.shares):
            raise SimgenError(f"{shown} must be shares between 0 and 1")
        if abs(sum(self.shares) - 1) > 1e-6:
            raise SimgenError(f"{shown} must add up to 1, not {sum(self.shares):.6g}")

    def of(self, seed: int, scene: int) -> str:
        """Returns the split of a scene's frames, by frame."""
        place, reached, last = _place(seed, scene), 0.0, ""
        for name, share in zip(NAMES, self.shares):
            reached += share
            last = name if share else last
            if place < reached:
                break
        return last  # also where the shares add up to a hair less than 1

    def by_class(
        self, seed: int, frames: Iterable[tuple[int, Mapping[str, int]]], views: int = 1
    ) -> dict[int, str]:
        """Returns the split of each frame by class.

        Args:
            frames: number, rising, and how many instances of each class a frame shows.
            views: frames of each scene.
        """
        had = {name: Counter() for name in self._names}
        total: Counter[str] = Counter()
        chosen, scene = {}, -1
        for number, shown in frames:
            counts = {c: n for c, n in shown.items() if n}
            counts[""] = 1  # no category: here, the frames themselves
            total.update(counts)
            if number // views != scene:
                scene = number // views
                split = self._most(self._lack(counts, total, had), seed, scene)
            chosen[number] = split
            had[split].update(counts)
        return chosen

    def _lack(
        self, counts: Mapping[str, int], total: Mapping[str, int], had: Mapping[str, Counter[str]]
    ) -> list[float]:
        """Returns how much each split lacks of what a frame shows."""
        return [
            sum(n / total[c] * (share - had[name][c] / total[c]) for c, n in counts.items())
            for name, share in zip(self._names, self.shares)
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The splits that have a share."""
        return tuple(name for name, share in zip(NAMES, self.shares) if share)

    @property
    def _names(self) -> tuple[str, ...]:
        return NAMES[: len(self.shares)]

    def _most(self, lack: Sequence[float], seed: int, scene: int) -> str:
        """Returns the split that lacks most; where several do, the hash decides."""
        most = max(value for value, share in zip(lack, self.shares) if share)
        tied = [
            name
            for name, share, value in zip(self._names, self.shares, lack)
            if share and value > most - 1e-9
        ]
        return tied[int(_place(seed, scene) * len(tied))]


def _place(seed: int, scene: int) -> float:
    """Returns a number in [0, 1) that is as good as drawn."""
    digest = sha256(f"{seed}/{scene}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)
