"""Printed matter that lies about: cards with an emblem, leaflets, magazines, books, boxes.

What is printed on the front is drawn from `layout`: none is like another, and none means anything.
"""

from collections.abc import Iterator

import numpy as np

from simgen.mesh import Mesh, require_positive, union
from simgen.solids import box, hull
from simgen.spec import Material

INKS = ("ink", "first", "second", "third")
FINISH = {
    "paper": Material("plain", (0.78, 0.78, 0.76), roughness=0.6),
    "ink": Material("plain", (0.03, 0.03, 0.04), roughness=0.5),
    "first": Material("plain", (0.5, 0.05, 0.05), roughness=0.4),
    "second": Material("plain", (0.05, 0.12, 0.4), roughness=0.4),
    "third": Material("plain", (0.7, 0.5, 0.08), roughness=0.4),
}
KINDS = (  # width, height, thickness in metres, of real ones
    (0.085, 0.055, 0.0003), (0.1, 0.15, 0.0003), (0.148, 0.21, 0.0004), (0.21, 0.297, 0.002),
    (0.22, 0.11, 0.0003), (0.11, 0.18, 0.018), (0.14, 0.125, 0.01), (0.07, 0.14, 0.06),
    (0.19, 0.06, 0.045), (0.076, 0.076, 0.004),
)  # fmt: skip
SIZES = tuple(
    {"x": x, "y": y, "z": z, "layout": layout} for layout, (x, y, z) in enumerate(KINDS * 6)
)
RISE = 3e-5  # metres that each print lies above the one before


def _look(i: int) -> dict[str, Material]:
    """Returns papers and inks that go together, on white, on black or all in colour."""
    rng = np.random.default_rng(i)
    paper = rng.uniform(0.66, 0.8) * np.ones(3) if i % 3 else rng.uniform(0.02, 0.75, 3)
    ink = rng.uniform(0.01, 0.08, 3) if paper.mean() > 0.2 else rng.uniform(0.6, 0.8, 3)
    made = {"paper": _surface("plain", paper, ink, rng), "ink": _surface("plain", ink, ink, rng)}
    for slot in INKS[1:]:
        kind = rng.choice(["plain", "plain", "noise", "stripes", "dots"])
        made[slot] = _surface(str(kind), *rng.uniform(0.02, 0.75, (2, 3)), rng)
    return made


def _surface(kind: str, color, accent, rng: np.random.Generator) -> Material:
    roughness, scale = float(rng.uniform(0.25, 0.8)), float(rng.uniform(0.004, 0.02))
    colors = (tuple(map(float, each)) for each in (color, accent))
    return Material(kind, *colors, roughness=roughness, wear=0.05, scale_m=scale)


LOOKS = tuple(map(_look, range(24)))


def build(x: float = 0.148, y: float = 0.21, z: float = 0.0004, layout: int = 0) -> Mesh:
    """Returns it on its back, `z` thick, its front printed as `layout` says."""
    require_positive(x=x, y=y, z=z)
    rng = np.random.default_rng(layout)
    pages = _emblem, _letter, _cover, _picture
    prints = pages[rng.integers(len(pages))](np.array([x, y]), rng)
    tops = (part.moved(z=z - RISE / 2 + i * RISE) for i, part in enumerate(prints))
    return union(box((x, y, z), "paper"), *tops)


def _emblem(size: np.ndarray, rng: np.random.Generator) -> Iterator[Mesh]:
    """A shape in the middle or a corner of an empty page, and a line or two."""
    large = rng.uniform(0.1, 0.3) * size.min()
    at = (0.45 * size - large) * rng.choice([-1, 0, 0, 1], 2)
    for share in np.linspace(1, 0.4, rng.integers(1, 4)):
        yield _shape(at, share * large, rng)
    yield from _lines((0, -0.36 * size[1]), size * (0.7, 0.12), int(rng.integers(0, 3)), rng)


def _letter(size: np.ndarray, rng: np.random.Generator) -> Iterator[Mesh]:
    """A heading and paragraphs in one or two columns."""
    yield from _title((0, 0.36 * size[1]), size * (0.8, 0.1), rng)
    columns = int(rng.integers(1, 3))
    for i in range(columns):
        at = ((i - (columns - 1) / 2) * 0.84 / columns * size[0], -0.1 * size[1])
        yield from _lines(at, size * (0.76 / columns, 0.7), int(rng.integers(6, 20)), rng)


def _cover(size: np.ndarray, rng: np.random.Generator) -> Iterator[Mesh]:
    """Bands of colour, a picture, a title in large letters."""
    yield _panel((0, rng.uniform(-0.1, 0.1) * size[1]), size * (0.98, 0.7), rng)
    yield from _scene((0, -0.12 * size[1]), size * (0.8, 0.5), int(rng.integers(6, 20)), rng)
    yield from _title((0, 0.33 * size[1]), size * (0.86, rng.uniform(0.08, 0.2)), rng)


def _picture(size: np.ndarray, rng: np.random.Generator) -> Iterator[Mesh]:
    """As busy as a photograph, up to a white edge."""
    size = size * (1 - rng.choice([0.02, 0.1, 0.2]))
    yield _panel((0, 0), size, rng)
    yield from _scene((0, 0), size, int(rng.integers(12, 36)), rng)


def _scene(at, size, count: int, rng: np.random.Generator) -> Iterator[Mesh]:
    for _ in range(count):
        large = rng.uniform(0.06, 0.3) * min(size)
        yield _shape(at + rng.uniform(-0.5, 0.5, 2) * (np.asarray(size) - 2 * large), large, rng)


def _lines(at, size, count: int, rng: np.random.Generator) -> Iterator[Mesh]:
    """Lines of writing, all but full."""
    for i in range(count):
        long = size[0] * rng.uniform(0.6, 1) ** 0.5
        row = at[1] + (0.5 - (i + 0.5) / count) * size[1]
        thick = 0.4 * min(size[1] / count, 0.008)
        yield _bar((at[0] - (size[0] - long) / 2, row), (long, thick), "ink")


def _title(at, size, rng: np.random.Generator) -> Iterator[Mesh]:
    """Letters of one stem and up to three arms."""
    slot = str(rng.choice(INKS))
    pitch = min(0.8 * size[1], size[0] / 4)
    for left in np.arange(-size[0] / 2, size[0] / 2 - 0.9 * pitch, pitch):
        stem = 0.2 * pitch
        yield _bar((at[0] + left + stem, at[1]), (stem, size[1]), slot)
        for level in rng.permutation([-0.5, 0.0, 0.5])[: rng.integers(0, 4)]:
            row = at[1] + level * (size[1] - stem)
            yield _bar((at[0] + left + 0.45 * pitch, row), (0.7 * pitch, 0.9 * stem), slot)


def _panel(at, size, rng: np.random.Generator) -> Mesh:
    return _bar(at, size, str(rng.choice(INKS[1:])))


def _bar(at, size, slot: str) -> Mesh:
    return box((*size, RISE), slot).moved(float(at[0]), float(at[1]))


def _shape(at, large: float, rng: np.random.Generator) -> Mesh:
    """A disc, a star's kernel or a bar at any angle, `large` metres from its middle to its tips."""
    corners = int(rng.choice([3, 4, 5, 14]))
    angles = rng.uniform(0, 6.28) + np.arange(corners) * 2 * np.pi / corners
    flat = np.stack([np.cos(angles), rng.uniform(0.3, 1) * np.sin(angles)], 1) * large + at
    levels = [np.insert(flat, 2, height, axis=1) for height in (0.0, RISE)]
    return hull(np.concatenate(levels), str(rng.choice(INKS)))
