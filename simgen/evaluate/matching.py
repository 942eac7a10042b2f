"""Which detections hit which boxes at IoU 0.5, kept so that AP50 of any part of it costs little.

COCO's own code does the matching, once. A part is then a matter of weights: a bootstrap sample
weighs pictures by how often it drew them, a slice weighs pictures or boxes 0 or 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.evaluate.detections import Detections
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.precision import evaluated

_RECALLS = np.linspace(0, 1, 101)  # where COCO reads the precision off
_BLOCK = 4_000_000  # numbers held at a time


@dataclass(frozen=True, eq=False)
class Hits:
    """The hits of one category, the surest first.

    Attributes:
        pictures, boxes: (T,) whose hit it is, index of the picture and of the box.
        scores: (T,).
        false: (P, T) float32, the false alarms in each picture that are surer than the hit.
        wanted: (G,) the boxes of this category that are to be found.
        alarms: (F,) scores of all false alarms.
    """

    pictures: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    false: np.ndarray
    wanted: np.ndarray
    alarms: np.ndarray


@dataclass(frozen=True, eq=False)
class Matching:
    """One detector's hits in some pictures.

    Attributes:
        pictures: how many there are.
        owner: (B,) index of the picture that each box is in; boxes are counted through all
            pictures.
        wanted: (B,) bool, False for regions marked crowd.
        categories: the hits of each.
    """

    pictures: int
    owner: np.ndarray
    wanted: np.ndarray
    categories: tuple[Hits, ...]

    @classmethod
    def of(cls, pictures: Pictures, detections: Sequence[Detections]) -> "Matching":
        """Returns the matching; raises ValueError as `precision` does."""
        results = evaluated(pictures, detections, only_50=True).evalImgs
        count = len(pictures)
        owner = np.repeat(np.arange(count), [len(p.boxes) for p in pictures.pictures])
        crowd = np.concatenate([np.zeros(0, bool), *(p.crowd for p in pictures.pictures)])
        starts = range(0, count * len(pictures.categories), max(count, 1))
        hits = (_hits(results[start : start + count]) for start in starts)
        return cls(count, owner, ~crowd, tuple(hits))

    def ap50(self, weights: np.ndarray, boxes: np.ndarray | None = None) -> np.ndarray:
        """Returns AP50 of several weighted parts, the mean over the categories that occur.

        Precision among some boxes alone counts false alarms by these boxes' share of the
        category, as no false alarm belongs to one of them: the normalised precision of Hoiem,
        Chodpathumwan and Dai, "Diagnosing Error in Object Detectors" (2012), which makes parts of
        unlike size comparable.

        Args:
            weights: (R, P) how often each picture counts, for each of R parts.
            boxes: (R, B) or (1, B), 0 or 1: which boxes are to be found; the others are neither
                hits nor misses. None: all.

        Returns:
            (R,) float64, nan where there is no box to be found.
        """
        rows = max(1, _BLOCK // max(1, self.pictures, len(self.owner)))
        blocks = [
            self._block(weights[i : i + rows], _rows(boxes, i, rows))
            for i in range(0, len(weights), rows)
        ]
        return np.concatenate(blocks)

    def _block(self, weights: np.ndarray, boxes: np.ndarray | None) -> np.ndarray:
        weights = weights.astype(np.float32)
        each = np.array([self._category(hits, weights, boxes) for hits in self.categories])
        known = ~np.isnan(each)
        total = np.where(known, each, 0).sum(axis=0)
        return np.divide(
            total, known.sum(axis=0), np.full(len(weights), np.nan), where=known.any(0)
        )

    def _category(self, hits: Hits, weights: np.ndarray, boxes: np.ndarray | None) -> np.ndarray:
        found = weights[:, hits.pictures].astype(float)
        wanted = weights[:, self.owner[hits.wanted]].astype(float)
        false = (weights @ hits.false).astype(float)
        total = wanted.sum(axis=1)
        if boxes is not None:
            found *= boxes[:, hits.boxes]
            part = (wanted * boxes[:, hits.wanted]).sum(axis=1)
            false *= np.divide(part, total, np.zeros(len(part)), where=total > 0)[:, None]
            total = part
        return _area(np.cumsum(found, axis=1), false, total)


def _area(hits: np.ndarray, false: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Returns COCO's area under curves; hits, false: (R, T) counts up to each hit, total: (R,)."""
    known = np.where(total > 0, total, np.nan)
    if not hits.shape[1]:
        return known * 0
    precision = hits / (hits + false + np.spacing(1))
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    reached = np.searchsorted(_RECALLS, hits / known[:, None], "right")
    return (best * np.diff(reached, axis=1, prepend=0)).sum(axis=1) / len(_RECALLS) + known * 0


def _rows(boxes: np.ndarray | None, start: int, rows: int) -> np.ndarray | None:
    return boxes if boxes is None or len(boxes) == 1 else boxes[start : start + rows]


def _hits(results: Sequence[dict | None]) -> Hits:
    """Returns one category's hits from COCO's entries for each picture."""
    none = {"dtScores": [], "dtMatches": [[]], "dtIgnore": [[]], "gtIds": [], "gtIgnore": []}
    entries = [entry or none for entry in results]
    owner = np.repeat(np.arange(len(entries)), [len(entry["dtScores"]) for entry in entries])
    scores = _joined([entry["dtScores"] for entry in entries], float)
    order = np.argsort(-scores, kind="mergesort")
    order = order[~_joined([entry["dtIgnore"][0] for entry in entries], bool)[order]]
    match = _joined([entry["dtMatches"][0] for entry in entries], int)[order] - 1
    owner, scores, hit = owner[order], scores[order], match >= 0
    alarms = np.zeros((len(entries), hit.sum() + 1), np.float32)
    np.add.at(alarms, (owner[~hit], np.cumsum(hit)[~hit]), 1)  # by how many hits are surer
    ids, ignored = ([entry[key] for entry in entries] for key in ("gtIds", "gtIgnore"))
    return Hits(
        pictures=owner[hit],
        boxes=match[hit],
        scores=scores[hit],
        false=np.cumsum(alarms, axis=1)[:, :-1],
        wanted=_joined(ids, int)[~_joined(ignored, bool)] - 1,
        alarms=scores[~hit],
    )


def _joined(parts: Sequence[Sequence], kind: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *(np.asarray(part, kind) for part in parts)])
