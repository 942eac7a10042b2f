"""Wood, cardboard, concrete."""

from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Wire

DIRT = (0.055, 0.045, 0.035)
SOOT = (0.02, 0.02, 0.02)


def wood(canvas: Canvas) -> Look:
    """Sawn softwood: growth rings cut lengthwise, streaks, knots; each board its own tone."""
    graph, material = canvas.graph, canvas.material
    board = _board(canvas)
    streaks = graph.noise(board * (0.05, 1.0, 1.0), 0.03, detail=3.0, flat=True)
    rings = _rings(canvas, board, streaks)
    knots = _knots(canvas, board)
    color = canvas.tone(_stock(canvas), material.color, 0.22)
    color = graph.mix(rings * 0.45, color, canvas.darker(0.5))
    color = graph.mix(knots * 0.8, color, canvas.darker(0.18))
    color = graph.mix(_soiled(canvas, board) * (0.7 * material.wear), color, DIRT)
    height = streaks * 0.6 - rings * 0.4
    return Look(color, material.roughness, 0.0, 0.3, height, 0.002, material.color)


def _stock(canvas: Canvas) -> Wire:
    return canvas.part * 991.0 + canvas.body * 7.31


def _board(canvas: Canvas) -> Wire:
    """Returns metres along and across the grain, somewhere else in the tree for each board."""
    start = canvas.lot(_stock(canvas)) * 50.0
    return canvas.graph("TexCoord", output="UV") + start + canvas.material.offset


def _rings(canvas: Canvas, board: Wire, streaks: Wire) -> Wire:
    graph = canvas.graph
    bend = graph.noise(board * (0.12, 0.7, 1.0), 0.06, detail=0.0, flat=True)
    across = graph.axes(board)[1] * 45.0 + bend * 9.0 + streaks * 1.5
    late = graph.compute("FRACT", across)
    return late * late


def _knots(canvas: Canvas, board: Wire) -> Wire:
    graph = canvas.graph
    distance = graph(
        "TexVoronoi",
        output="Distance",
        voronoi_dimensions="2D",
        Vector=board * (0.35, 1.0, 1.0),
        Scale=4.5,
    )
    return graph.step(distance, 0.09, 0.04)


def _soiled(canvas: Canvas, board: Wire) -> Wire:
    graph = canvas.graph
    return graph.step(graph.noise(board, 0.25, detail=4.0, flat=True), 0.40, 0.75)


def cardboard(canvas: Canvas) -> Look:
    """Kraft liner: fibre, the flutes showing through, damp stains, scuffs, a grubby foot."""
    graph, material = canvas.graph, canvas.material
    uv = graph("TexCoord", output="UV")
    fibre = graph.noise(canvas.own_place * (1.0, 1.0, 2.0), 0.012, detail=3.0)
    clouds = graph.noise(canvas.own_place, 0.3, detail=3.0)
    flutes = graph.compute("SINE", graph.axes(uv)[0] * (6.2832 / 0.0075))
    shade = fibre * 0.40 + clouds * 0.45 + flutes * 0.03 + 0.575
    color = canvas.scaled(canvas.tone(canvas.body, material.color, 0.15), shade)
    color = graph.mix(_stains(canvas, clouds, fibre), color, canvas.darker(0.35))
    height = flutes * 0.2 + fibre
    return Look(color, material.roughness, 0.0, 0.25, height, 0.0006, material.color)


def _stains(canvas: Canvas, clouds: Wire, fibre: Wire) -> Wire:
    graph, wear = canvas.graph, canvas.material.wear
    damp = graph.step(clouds + fibre * 0.15, 0.66, 0.70) * 0.45
    foot = graph.step(graph.axes(canvas.place)[2] - clouds * 0.15, 0.0, -0.08) * 0.6
    return graph.compute("MAXIMUM", damp, foot) * wear


def concrete(canvas: Canvas) -> Look:
    """A sealed slab: clouds, fine aggregate, hairline cracks, tyre marks."""
    graph, material = canvas.graph, canvas.material
    place = canvas.own_place
    clouds = graph.noise(place, 1.8, detail=4.0)
    grain = graph.noise(place, 0.02, detail=1.0)
    color = canvas.tone(_stock(canvas), material.color, 0.04)
    color = canvas.scaled(color, clouds * 0.8 + grain * 0.25 + 0.475)
    if material.wear:
        blotches = graph.step(graph.noise(place, 0.5, detail=2.0), 0.45, 0.75)
        color = graph.mix(blotches * (0.35 * material.wear), color, canvas.darker(0.45))
        color = graph.mix(_tyre_marks(canvas, clouds) * (0.75 * material.wear), color, SOOT)
        color = graph.mix(_cracks(canvas, clouds) * material.wear, color, DIRT)
    roughness = clouds * 0.6 + grain * 0.15 + (material.roughness - 0.37)
    return Look(color, roughness, 0.0, 0.5, grain, 0.001, material.color)


def _tyre_marks(canvas: Canvas, clouds: Wire) -> Wire:
    """Level lines of slow noise, drawn as wide as a tyre, worn away in patches."""
    graph = canvas.graph
    course = graph.noise(canvas.own_place, 7.0, detail=0.0)
    across = graph.compute("PINGPONG", course * 7.0, 0.5)
    return graph.step(across, 0.06, 0.0) * graph.step(clouds, 0.42, 0.70)


def _cracks(canvas: Canvas, clouds: Wire) -> Wire:
    graph = canvas.graph
    course = graph.noise(canvas.own_place, 3.0, detail=4.0)
    return graph.step(abs(course - 0.5), 0.0012, 0.0004) * graph.step(clouds, 0.48, 0.38)


def stone(canvas: Canvas) -> Look:
    """Polished stone: crystals of many tones, veins in the accent about `scale_m` apart."""
    graph, material = canvas.graph, canvas.material
    place = canvas.own_place
    crystal = graph("TexVoronoi", output="Color", Vector=place, Scale=280.0)
    grain, *_ = graph.axes(crystal)
    clouds = graph.noise(place, 2 * material.scale_m, detail=4.0)
    color = canvas.scaled(material.color, clouds * 0.7 + grain * 0.22 + 0.54)
    color = graph.mix(graph.step(grain, 0.8, 0.9) * 0.5, color, material.accent)
    color = graph.mix(_veins(canvas) * 0.7, color, material.accent)
    dull = graph.step(clouds, 0.45, 0.7) * (0.3 * material.wear)
    return Look(color, dull + grain * 0.08 + (material.roughness - 0.04), average=material.color)


def _veins(canvas: Canvas) -> Wire:
    """Level lines of a slow noise, here hairlines, there broad."""
    graph, scale = canvas.graph, canvas.material.scale_m
    course = graph.noise(canvas.own_place, 2 * scale, detail=5.0)
    width = graph.step(graph.noise(canvas.own_place, scale, detail=1.0), 0.35, 0.75, 0.002, 0.05)
    return 1.0 - graph.step(abs(course - 0.5), 0.0, width)
