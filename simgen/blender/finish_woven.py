"""Cloth and carpet, which lie flat: patterns run along local x and y."""

from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Wire

THREAD = 0.0011  # metres from thread to thread
TUFT = 0.006


def cloth(canvas: Canvas) -> Look:
    """A plain weave, checked in the accent, `scale_m` wide; slack folds, faint stains with wear."""
    graph, material = canvas.graph, canvas.material
    x, y, _ = graph.axes(canvas.place)
    slubs = graph.noise(canvas.own_place * (0.06, 1.0, 1.0), 0.002, detail=1.0)
    slubs = slubs + graph.noise(canvas.own_place * (1.0, 0.06, 1.0), 0.002, detail=1.0)
    folds = graph.noise(canvas.own_place, 0.22, detail=2.0)
    warp, weft = (_band(canvas, axis) for axis in (x, y))
    color = graph.mix((warp + weft) * 0.5, material.color, material.accent)
    color = canvas.scaled(color, slubs * 0.35 + folds * 0.2 + 0.55)
    stains = graph.step(graph.noise(canvas.own_place, 0.09, detail=3.0), 0.56, 0.66)
    color = graph.mix(stains * (0.35 * material.wear), color, canvas.darker(0.5))
    weave = abs(graph.compute("SINE", x * (3.1416 / THREAD)))
    weave = weave + abs(graph.compute("SINE", y * (3.1416 / THREAD)))
    height = folds * 0.9 + weave * 0.02 + slubs * 0.03
    return Look(color, 0.75 + 0.2 * material.roughness, 0.0, 0.15, height, 0.012, _mean(material))


def _band(canvas: Canvas, across: Wire) -> Wire:
    """Returns 1 on every second band across an axis, with edges as sharp as a thread."""
    graph, cell = canvas.graph, 1.0 / canvas.material.scale_m
    turn = graph.compute("PINGPONG", across * cell + 0.137, 1.0)
    return graph.step(turn, 0.5 - THREAD * cell, 0.5 + THREAD * cell)


def carpet(canvas: Canvas) -> Look:
    """Cut pile: tufts, each with its own tone; a lattice in the accent, trodden down in patches."""
    graph, material = canvas.graph, canvas.material
    pile = graph("TexVoronoi", output="Color", Vector=canvas.own_place, Scale=1.0 / TUFT)
    tuft, *_ = graph.axes(pile)
    fuzz = graph.noise(canvas.own_place, 0.003, detail=2.0)
    trodden = graph.noise(canvas.own_place, 0.3, detail=3.0)
    wander = graph.noise(canvas.own_place, 0.02, detail=1.0) * 0.012
    color = graph.mix(_lattice(canvas, wander), material.color, material.accent)
    color = canvas.scaled(color, tuft * 0.35 + fuzz * 0.9 + trodden * 0.3 + 0.22)
    flat = graph.step(trodden, 0.45, 0.7) * (0.4 * material.wear)
    color = graph.mix(flat, color, canvas.darker(0.6))
    return Look(color, 0.95, 0.0, 0.1, fuzz * 0.6 + tuft * 0.4, 0.006, _mean(material))


def _lattice(canvas: Canvas, wander: Wire) -> Wire:
    """Returns 1 on slanting lines that cross, and on what they enclose in every second diamond."""
    graph, cell = canvas.graph, 1.0 / canvas.material.scale_m
    x, y, _ = graph.axes(canvas.place)
    one, other = (
        graph.compute("PINGPONG", (x * side + y * 0.7 + wander) * cell, 1.0) for side in (1.0, -1.0)
    )
    lines = graph.compute("MINIMUM", one, other)
    inner = graph.compute("MAXIMUM", one, other)
    return graph.compute("MAXIMUM", graph.step(lines, 0.12, 0.08), graph.step(inner, 0.28, 0.24))


def _mean(material):
    return tuple((a + b) / 2 for a, b in zip(material.color, material.accent))
