"""Geometric patterns: the strong kind of texture."""

from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Wire

# A face often lies right on a cell's boundary, at z = 0 say; this shifts the boundaries away.
OFF_GRID = (0.137, 0.171, 0.113)


def plain(canvas: Canvas) -> Look:
    material = canvas.material
    return Look(material.color, material.roughness)


def checker(canvas: Canvas) -> Look:
    odd = canvas.graph("TexChecker", output="Fac", Vector=_cells(canvas), Scale=1.0)
    return _two_colors(canvas, odd)


def stripes(canvas: Canvas) -> Look:
    """Diagonal on every face that is square to an axis, and equally wide there."""
    across = canvas.graph.compute("DOT_PRODUCT", _cells(canvas), (0.5**0.5,) * 3)
    odd = canvas.graph.compute("PINGPONG", across, 1.0)
    return _two_colors(canvas, canvas.graph.compute("GREATER_THAN", odd, 0.5))


def dots(canvas: Canvas) -> Look:
    graph = canvas.graph
    cell = graph.compute("FRACTION", _facing(canvas, _cells(canvas))) - 0.5
    flat = graph.compute("MULTIPLY", cell, (1.0, 1.0, 0.0))
    return _two_colors(canvas, graph.compute("LESS_THAN", graph.compute("LENGTH", flat), 0.3))


def noise(canvas: Canvas) -> Look:
    field = canvas.graph.noise(canvas.place, 2 * canvas.material.scale_m, detail=3.0)
    return _two_colors(canvas, canvas.graph.step(field, 0.42, 0.58))


def _cells(canvas: Canvas) -> Wire:
    return canvas.place * (1.0 / canvas.material.scale_m) + OFF_GRID


def _two_colors(canvas: Canvas, accented: Wire) -> Look:
    material = canvas.material
    average = tuple((a + b) / 2 for a, b in zip(material.color, material.accent))
    color = canvas.graph.mix(accented, material.color, material.accent)
    return Look(color, material.roughness, average=average)


def _facing(canvas: Canvas, place: Wire) -> Wire:
    """Returns the two coordinates across the axis that the surface looks along, as x and y."""
    graph = canvas.graph
    x, y, z = graph.axes(place)
    nx, ny, nz = (abs(axis) for axis in graph.axes(graph("TexCoord", output="Normal")))
    sideways = graph.mix(
        graph.compute("GREATER_THAN", nx, ny), graph.combine(x, z), graph.combine(y, z), "VECTOR"
    )
    larger = graph.compute("MAXIMUM", nx, ny)
    return graph.mix(
        graph.compute("GREATER_THAN", nz, larger), sideways, graph.combine(x, y), "VECTOR"
    )
