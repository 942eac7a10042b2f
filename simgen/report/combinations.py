"""Which things are seen together: the most frequent pairs, and those that hardly ever are."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from simgen.report.seen import Objects, Plain

SIZES = ("small", "medium", "large")
SIZE_EDGES = (32**2, 96**2)  # pixels of area: COCO's (Lin et al. 2014)
SIGHTS = ("mostly hidden", "partly hidden", "clear", "not said")
SIGHT_EDGES = (1 / 3, 0.9)
_VALUES = 8  # of a parameter; one with more is no choice, and takes no part
_CHOICES = 40  # parameters that take part
_CLASSES = 40  # pairs of more are not counted


def sizes_of(objects: Objects) -> np.ndarray:
    """Returns (N,) indices of SIZES."""
    return np.searchsorted(SIZE_EDGES, objects.area, "right")


def sights_of(objects: Objects) -> np.ndarray:
    """Returns (N,) indices of SIGHTS."""
    known = np.searchsorted(SIGHT_EDGES, np.nan_to_num(objects.visible), "right")
    return np.where(np.isfinite(objects.visible), known, len(SIGHTS) - 1)


@dataclass(frozen=True)
class Combination:
    """`expected`: how often it would be seen if its parts had nothing to do with each other."""

    parts: tuple[str, ...]
    count: int
    expected: float


class Together:
    """Counts of combinations, bounded by how many classes and choices there are."""

    def __init__(self):
        self.objects: Counter[tuple[str, str, str]] = Counter()
        self.pictures: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self._values: dict[str, Counter[Plain]] = {}
        self._both: dict[tuple[str, str], Counter[tuple[Plain, Plain]]] = {}
        self._dropped: set[str] = set()

    def add(self, objects: Objects, parameters: dict[str, Plain]) -> None:
        sizes, sights = sizes_of(objects), sights_of(objects)
        for name, size, sight in zip(objects.category, sizes, sights):
            self.objects[name, SIZES[size], SIGHTS[sight]] += 1
        classes = sorted(set(objects.category))
        self.pictures.update(classes)
        if len(self.pictures) <= _CLASSES:
            self.pairs.update(combinations(classes, 2))
        self._choices(parameters)

    def _choices(self, parameters: dict[str, Plain]) -> None:
        chosen = sorted((n, v) for n, v in parameters.items() if self._is_choice(n, v))
        for name, value in chosen:
            self._values.setdefault(name, Counter())[value] += 1
        for (a, x), (b, y) in combinations(chosen, 2):
            self._both.setdefault((a, b), Counter())[x, y] += 1

    def _is_choice(self, name: str, value: Plain) -> bool:
        """Tells whether a parameter is one of few values, as far as is known."""
        if isinstance(value, float) or name in self._dropped:
            return False
        if name not in self._values and len(self._values) >= _CHOICES:
            return False
        if len({*self._values.get(name, ()), value}) > _VALUES:
            self._drop(name)
            return False
        return True

    def _drop(self, name: str) -> None:
        self._dropped.add(name)
        self._values.pop(name, None)
        self._both = {pair: count for pair, count in self._both.items() if name not in pair}

    def of_objects(self) -> list[Combination]:
        """Returns class, size and visibility, most frequent first, those never seen too."""
        total = sum(self.objects.values())
        parts = [Counter() for _ in range(3)]
        for key, count in self.objects.items():
            for part, name in zip(parts, key):
                part[name] += count
        return _ordered(
            Combination(key, self.objects[key], _expected(total, map(Counter.get, parts, key)))
            for key in product(*parts)
        )

    def of_classes(self, frames: int) -> list[Combination]:
        """Returns two classes in one picture, most frequent first, those never seen too."""
        if len(self.pictures) > _CLASSES:
            return []
        return _ordered(
            Combination(pair, self.pairs[pair], _expected(frames, map(self.pictures.get, pair)))
            for pair in combinations(sorted(self.pictures), 2)
        )

    def of_choices(self, frames: int) -> list[Combination]:
        """Returns two parameters' values in one frame, most frequent first, never seen ones too."""
        return _ordered(self._all_choices(frames))

    def _all_choices(self, frames: int) -> Iterator[Combination]:
        for (a, b), counts in self._both.items():
            for x, y in product(self._values[a], self._values[b]):
                if min(len(self._values[a]), len(self._values[b])) > 1:
                    ones = self._values[a][x], self._values[b][y]
                    parts = f"{a} = {x}", f"{b} = {y}"
                    yield Combination(parts, counts[x, y], _expected(frames, ones))


def _expected(total: int, counts: Iterable[int]) -> float:
    share = 1.0
    for count in counts:
        share *= count / max(total, 1)
    return share * total


def _ordered(found: Iterable[Combination]) -> list[Combination]:
    """Returns them by falling count; of equally rare ones the most expected comes last."""
    return sorted(found, key=lambda each: (-each.count, each.expected, each.parts))
