"""Do the edges in the picture lie where the masks end? How far beside, if they do not?

At each place where two neighbouring pixels belong to different objects the image is asked where,
within a few pixels, it changes most. If picture and masks belong together, far more places answer
"right here" than anything else; if the picture is shifted, as many answer with the shift; if it is
another picture, every answer is as frequent as the others.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simgen.audit.finding import ERROR, WARNING, Case, check, fine, wrong
from simgen.audit.frame import Frame

REACH = 4  # pixels to each side
CONTRAST = 12  # 8-bit levels between neighbours that count as an edge
LEAST = 500  # answers below which one frame is not judged
CLEAR = 1.5  # how much more frequent than the others the right answer must be; 2.3 and more in
# renders of simgen's, 1.35 and less in pictures that belong to other masks
OFFSET = 0.4  # pixels, over all frames
ENOUGH = 5000  # answers from which that is judged
_MOST = 6_000  # places asked, along each axis
_ZERO = REACH


def _judged(notes: Sequence[tuple[Any, tuple[np.ndarray, str, bool]]]) -> Iterator[Case]:
    for number, (votes, file, exact) in notes:
        severity = ERROR if exact else WARNING
        text = _mismatch(votes)
        if text:
            about = {"file": file, "frame": number, "severity": severity}
            yield wrong(text, expected=[0, 0], found=_peaks(votes), **about)
        else:
            yield fine(int(votes.sum() >= LEAST))
    exact = any(exact for _, (_, _, exact) in notes)
    yield from _shifted(sum(votes for _, (votes, _, _) in notes), ERROR if exact else WARNING)


@check("image", "shapes", file="image", unit="px", conclude=_judged)
def edges(frame: Frame) -> tuple[np.ndarray, str, bool]:
    """The picture's edges lie where the masks end; offset over all frames."""
    grey, ids = frame.layers.grey, frame.painted
    if grey.shape != ids.shape:  # which image_size tells
        grey = np.zeros(ids.shape, np.uint8)
    votes = np.stack([_votes(grey, ids), _votes(grey.T, ids.T)])
    return votes, frame.layers.image, frame.record is not None


def _votes(grey: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Returns (2 REACH + 1,): how many places see the steepest change how many columns away."""
    there = np.flatnonzero((ids[:, 1 + REACH : -REACH] != ids[:, REACH : -1 - REACH]).ravel())
    there = there[:: 1 + len(there) // _MOST]
    row, column = np.divmod(there, max(ids.shape[1] - 1 - 2 * REACH, 1))
    around = column[:, None] + np.arange(2 * REACH + 2)
    change = np.abs(np.diff(grey[row[:, None], around].astype(np.int16), axis=1))
    return np.bincount(change[change.max(1) >= CONTRAST].argmax(1), minlength=2 * REACH + 1)


def _mismatch(votes: np.ndarray) -> str:
    """Returns what is wrong with one frame's answers, (2, 2 REACH + 1); '' if nothing."""
    others = np.median(np.delete(votes, _ZERO, axis=1), axis=1)
    if votes.sum() < LEAST:
        return ""
    if any(_moved(axis, other) for axis, other in zip(votes, others)):
        x, y = _peaks(votes)
        return f"the picture's edges are {x} px to the right and {y} px below the masks'"
    if votes[:, _ZERO].sum() < CLEAR * others.sum():
        return "the picture's edges have nothing to do with the masks': another frame's picture?"
    return ""


def _moved(axis: np.ndarray, others: float) -> bool:
    """A bright object on a dark ground looks larger all around in a soft picture: as many answers
    to one side as to the other are no shift."""
    peak = int(axis.argmax())
    return peak != _ZERO and axis[peak] > CLEAR * max(axis[_ZERO], others, axis[2 * REACH - peak])


def _peaks(votes: np.ndarray) -> list[int]:
    return (votes.argmax(1) - REACH).tolist()


def _shifted(votes: np.ndarray, severity: str) -> Iterator[Case]:
    """Yields whether all frames together are shifted, to a fraction of a pixel."""
    for axis, name in zip(votes, ("to the right of", "below")):
        if axis.sum() < ENOUGH:
            continue
        peak = int(np.clip(axis.argmax(), 2, 2 * REACH - 2))
        high = np.clip(axis - np.median(axis), 0, None)[peak - 2 : peak + 3]
        offset = float(high @ np.arange(peak - 2, peak + 3) / max(high.sum(), 1)) - _ZERO
        if abs(offset) <= OFFSET:
            yield fine(1, abs(offset))
        else:
            text = f"over all frames the picture's edges are {offset:.2f} px {name} the masks'"
            about = {"file": "", "severity": severity}
            yield wrong(text, expected=0, found=offset, off=abs(offset), **about)
