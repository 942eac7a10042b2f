"""What charts are made of: numbers and ticks as readers want them, axes, marks with a tip."""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

from simgen.report.page import escape

WIDTH = 360
COLORS = 6
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 34


def number(value: float) -> str:
    """Returns a number as a reader wants it: 3 figures, thousands apart."""
    if not isfinite(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if 0.001 <= abs(value) or value == 0 else f"{value:.0e}"


def ticks(low: float, high: float, most: int = 5, least: float = 0.0) -> list[float]:
    """Returns round numbers inside [low, high], `most` or fewer, `least` or more apart."""
    span = high - low
    if not (isfinite(span) and span > 0):
        return [low]
    step = 10.0 ** floor(log10(span / most))
    step *= next(f for f in (1, 2, 2.5, 5, 10, 20) if span / (f * step) <= most)
    step = max(step, least)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Returns the logarithms of round numbers whose logarithms are inside [low, high]."""
    for steps in ((1, 2, 5), (1, 3), (1,)):
        powers = range(floor(low), ceil(high) + 1)
        found = [log10(step) + power for power in powers for step in steps]
        inside = [value for value in found if low - 1e-9 <= value <= high + 1e-9]
        if len(inside) <= most:
            return inside
    return inside[:: ceil(len(inside) / most)]


class Plot:
    """A chart with two axes; u, v turn values into places in it."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], height: int):
        self.x, self.y, self.height = x, y, height

    def u(self, x: float) -> float:
        share = (x - self.x[0]) / (self.x[1] - self.x[0] or 1)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def v(self, y: float) -> float:
        share = (y - self.y[0]) / (self.y[1] - self.y[0] or 1)
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)

    def bar(self, u: float, v: float, wide: float, series: int, tip: str) -> str:
        gap = min(1.0, wide / 4)
        tall = self.height - _BOTTOM - v
        return rect(u + gap / 2, v, wide - gap, tall, f"s{series % COLORS}", tip)

    def line(self, i: int, name: str, points: Sequence[tuple[float, float, float]]) -> str:
        up = [f"{self.u(x):.1f} {self.v(y + s):.1f}" for x, y, s in points]
        down = [f"{self.u(x):.1f} {self.v(y - s):.1f}" for x, y, s in reversed(points)]
        through = [f"{self.u(x):.1f} {self.v(y):.1f}" for x, y, _ in points]
        color = i % COLORS
        parts = [f'<path class="band s{color}" d="M{"L".join(up + down)}Z"/>'
                 f'<path class="line l{color}" d="M{"L".join(through)}"/>']  # fmt: skip
        for x, y, s in points:
            spread = f" ± {number(s)}" if s else ""
            tip = f"{f'{name}: ' if name else ''}{number(x)}: {number(y)}{spread}"
            parts.append(
                f'<circle class="s{color}" cx="{self.u(x):.1f}" cy="{self.v(y):.1f}" r="3.5">'
                f"<title>{escape(tip)}</title></circle>"
            )
        return "".join(parts)

    def axes(
        self,
        x: str,
        y: str,
        log: bool = False,
        percent: bool = False,
        whole: tuple[bool, bool] = (False, False),
    ) -> str:
        """Returns both axes; `whole`: along which of them only whole numbers are marked."""
        foot = self.height - _BOTTOM
        parts = []
        for value in ticks(*self.y, least=float(whole[1])):
            v = self.v(value)
            said = f"{100 * value:.3g}%" if percent else number(value)
            parts.append(f'<path class="axis" d="M{_LEFT} {v:.1f}H{WIDTH - _RIGHT}"/>')
            parts.append(text(_LEFT - 6, v, said, "end"))
        marked = log_ticks(*self.x) if log else ticks(*self.x, least=float(whole[0]))
        for value in marked:
            u = self.u(value)
            anchor = "end" if u > WIDTH - _RIGHT - 14 else "middle"
            parts.append(text(u, foot + 11, told(value, log), anchor))
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(text(middle, self.height - 8, x, "middle"))
        if y:
            spot = f"10 {(_TOP + foot) / 2:.1f}"
            parts.append(
                f'<text transform="translate({spot}) rotate(-90)" text-anchor="middle">'
                f"{escape(y)}</text>"
            )
        return "".join(parts)

    def svg(self, inside: str) -> str:
        return svg(inside, self.height)


def svg(inside: str, height: float, width: int = WIDTH) -> str:
    kind = "chart" if width == WIDTH else "chart wide"
    return f'<svg class="{kind}" viewBox="0 0 {width} {height:.0f}" role="img">{inside}</svg>'


def rect(
    x: float, y: float, wide: float, tall: float, kind: str, tip: str, strength: float = 1.0
) -> str:
    faint = f' fill-opacity="{strength:.3f}"' if strength < 1 else ""
    return (
        f'<rect class="{kind}"{faint} x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" '
        f'height="{max(tall, 0):.1f}"><title>{escape(tip)}</title></rect>'
    )


def text(x: float, y: float, said: str, anchor: str, kind: str = "", tip: str = "") -> str:
    shown = f"<title>{escape(tip)}</title>" if tip else ""
    style = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{anchor}"{style}>'
        f"{escape(said)}{shown}</text>"
    )


def cut(said: str, px: float) -> str:
    """Returns as much of a text as fits: a letter is about 6 px wide."""
    most = int(px / 6.2)
    return said if len(said) <= most else f"{said[: most - 1]}…"


def told(value: float, log: bool) -> str:
    """Returns a place on an axis, which may be logarithmic, as a number."""
    return number(10.0**value if log else value)


def extent(low: float, high: float) -> tuple[float, float]:
    """Returns the range of an axis, never empty."""
    return (low, high) if high > low else (low - 0.5, high + 0.5)
