"""Wood, cardboard, concrete."""

from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Wire

DIRT = (0.055, 0.045, 0.035)


def wood(canvas: Canvas) -> Look:
    """Sawn softwood: growth rings cut lengthwise, streaks, knots; each board its own tone."""
    graph, material = canvas.graph, canvas.material
    board = _board(canvas)
    streaks = graph.noise(board * (0.05, 1.0, 1.0), 0.03 * canvas.life, detail=3.0, flat=True)
    rings = _rings(canvas, board, streaks)
    knots = _knots(canvas, board)
    dark = tuple(channel * factor for channel, factor in zip(material.color, (0.62, 0.50, 0.40)))
    color = canvas.tone(_stock(canvas), material.color, 0.22)
    color = graph.mix(rings * 0.45, color, dark)
    color = graph.mix(knots * 0.8, color, tuple(channel * 0.35 for channel in dark))
    color = graph.mix(_soiled(canvas, board) * material.wear, color, DIRT)
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
    bend = graph.noise(board * (0.12, 0.7, 1.0), 0.06 * canvas.life, detail=0.0, flat=True)
    across = graph.axes(board)[1] * (45.0 / canvas.life) + bend * 9.0 + streaks * 1.5
    late = graph.compute("FRACT", across)
    return late * late


def _knots(canvas: Canvas, board: Wire) -> Wire:
    graph = canvas.graph
    distance = graph(
        "TexVoronoi",
        output="Distance",
        voronoi_dimensions="2D",
        Vector=board * (0.35, 1.0, 1.0),
        Scale=6.0 / canvas.life,
    )
    return graph.step(distance, 0.11, 0.05)


def _soiled(canvas: Canvas, board: Wire) -> Wire:
    graph = canvas.graph
    return graph.step(graph.noise(board, 0.25 * canvas.life, detail=4.0, flat=True), 0.40, 0.75)


def cardboard(canvas: Canvas) -> Look:
    """Kraft liner: fibre, the flutes showing through, scuffs and damp stains."""
    graph, material = canvas.graph, canvas.material
    uv = graph("TexCoord", output="UV")
    fibre = graph.noise(canvas.own_place * (1.0, 1.0, 2.0), 0.012 * canvas.life, detail=3.0)
    clouds = graph.noise(canvas.own_place, 0.4 * canvas.life, detail=2.0)
    flutes = graph.compute("SINE", graph.axes(uv)[0] * (6.2832 / (0.0075 * canvas.life)))
    shade = fibre * 0.25 + clouds * 0.30 + flutes * 0.015 + 0.725
    color = canvas.scaled(canvas.tone(canvas.body, material.color, 0.12), shade)
    stain = graph.step(clouds + fibre * 0.2, 0.66, 0.72) * material.wear
    color = graph.mix(stain * 0.5, color, tuple(channel * 0.4 for channel in material.color))
    height = flutes * 0.2 + fibre
    return Look(color, material.roughness, 0.0, 0.25, height, 0.0006, material.color)


def concrete(canvas: Canvas) -> Look:
    """A sealed slab: clouds, fine aggregate, hairline cracks, tyre marks, saw-cut joints."""
    graph, material = canvas.graph, canvas.material
    place = canvas.own_place
    clouds = graph.noise(place, 1.8 * canvas.life, detail=4.0)
    grain = graph.noise(place, 0.02 * canvas.life, detail=2.0)
    shade = clouds * 0.7 + grain * 0.2 + 0.55
    color = canvas.scaled(material.color, shade)
    color = graph.mix(
        _tyre_marks(canvas, clouds) * (0.75 * material.wear), color, (0.02, 0.02, 0.02)
    )
    lines = graph.compute(
        "MAXIMUM", _cracks(canvas, place, clouds) * material.wear, _joints(canvas)
    )
    color = graph.mix(lines * 0.7, color, DIRT)
    roughness = clouds * 0.5 + grain * 0.15 + (material.roughness - 0.32)
    return Look(color, roughness, 0.0, 0.5, grain - lines, 0.0015, material.color)


def _tyre_marks(canvas: Canvas, clouds: Wire) -> Wire:
    """Level lines of slow noise, drawn as wide as a tyre, worn away in patches."""
    graph = canvas.graph
    course = graph.noise(canvas.own_place, 5.0 * canvas.life, detail=0.0)
    across = graph.compute("PINGPONG", course * 7.0, 0.5)
    return graph.step(across, 0.055, 0.02) * graph.step(clouds, 0.45, 0.62)


def _cracks(canvas: Canvas, place: Wire, clouds: Wire) -> Wire:
    graph = canvas.graph
    course = graph.noise(place, 1.3 * canvas.life, detail=5.0)
    return graph.step(abs(course - 0.5), 0.003, 0.001) * graph.step(clouds, 0.55, 0.45)


def _joints(canvas: Canvas) -> Wire:
    """Saw cuts every few metres, in floors only."""
    graph = canvas.graph
    x, y, _ = graph.axes(canvas.place * (1.0 / (4.5 * canvas.life)) + (0.37, 0.41, 0.0))
    nearest = graph.compute("MINIMUM", *(graph.compute("PINGPONG", axis, 0.5) for axis in (x, y)))
    return graph.step(nearest, 0.0011, 0.0006) * canvas.upward
