"""Numbers of frames as runs of neighbours."""

from collections.abc import Iterable, Iterator

_SHOWN = 5  # spans


def spans(frames: Iterable[int]) -> Iterator[range]:
    """Yields the frames as runs of neighbours, by rising number."""
    span = range(0)
    for frame in sorted(frames):
        if span and frame == span.stop:
            span = range(span.start, frame + 1)
            continue
        if span:
            yield span
        span = range(frame, frame + 1)
    if span:
        yield span


def told(gaps: Iterable[range]) -> str:
    """Returns spans as text: '3-7, 12'; of many the first."""
    gaps = list(gaps)
    shown = [str(g.start) if len(g) == 1 else f"{g.start}-{g.stop - 1}" for g in gaps[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(gaps) - _SHOWN} more spans" if gaps[_SHOWN:] else "")
