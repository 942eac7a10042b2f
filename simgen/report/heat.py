"""A heat map as SVG text, with one colour for values above 0 and one for those below."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from simgen.report.axes import WIDTH, cut, number, rect, svg, text
from simgen.report.page import escape

_STRONG = 0.6  # from here on a colour needs light letters


def heat(
    values: np.ndarray,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    top: float | None = None,
    say: bool = False,
    aspect: float = 1.0,
    left: int = 110,
    width: int = WIDTH,
) -> str:
    """Returns a heat map, row 0 at the top; the stronger the colour, the larger the value.

    Args:
        values: (R, C) from -`top` to `top` (None: the largest); below 0 has the second colour,
            nan is left blank.
        rows, columns: what they are; () for none.
        say: the values are written into the cells.
        aspect: height of a cell for a width of 1.
        left: how wide the rows' names are, of `width`.
    """
    values = np.asarray(values, float)
    most = (np.nanmax(np.abs(values), initial=0) if top is None else top) or 1
    left = left if rows else 2
    wide = (width - left - 2) / max(values.shape[1], 1)
    tall = wide * aspect
    parts = []
    for (r, c), value in np.ndenumerate(values):
        if isfinite(value):
            named = " / ".join(str(part[i]) for part, i in ((rows, r), (columns, c)) if part)
            tip = f"{named}: {number(value)}" if named else number(value)
            at = left + c * wide, 2 + r * tall
            parts.append(_cell(value, min(abs(value) / most, 1), (*at, wide, tall), tip, say))
    right, foot = wide * values.shape[1], tall * len(values)
    parts.append(
        f'<path class="axis" fill="none" d="M{left} 2h{right:.1f}v{foot:.1f}h-{right:.1f}z"/>'
    )
    for r, name in enumerate(rows):
        parts.append(text(left - 6, 2 + (r + 0.5) * tall, cut(name, left), "end", "", name))
    for c, name in enumerate(columns):
        parts.append(_turned(left + (c + 0.5) * wide, foot + 10, name))
    return svg("".join(parts), foot + (66 if columns else 4), width)


def _cell(value: float, strength: float, box: Sequence[float], tip: str, say: bool) -> str:
    x, y, wide, tall = box
    cell = rect(x, y, wide, tall, "s1" if value < 0 else "s0", tip, strength)
    if not say:
        return cell
    kind = "on" if strength > _STRONG else "strong"
    return cell + text(x + wide / 2, y + tall / 2, number(value), "middle", kind)


def _turned(x: float, y: float, name: str) -> str:
    return (
        f'<text transform="translate({x:.1f} {y:.1f}) rotate(-40)" text-anchor="end" dy="0.5em">'
        f"{escape(cut(name, 84))}<title>{escape(name)}</title></text>"
    )
