"""Plastic, painted steel, bare metal, rubber."""

from simgen.blender.look import DUST, Canvas, Look
from simgen.blender.nodes import Wire

RUST = (0.11, 0.042, 0.017)


def plastic(canvas: Canvas) -> Look:
    """Moulded: even, a little glossy, scuffed pale along handling directions, dusty on top."""
    graph, material = canvas.graph, canvas.material
    clouds = graph.noise(canvas.own_place, 0.25, detail=2.0)
    scuffs = _scuffs(canvas, clouds)
    color = canvas.scaled(canvas.tone(canvas.body, material.color, 0.08), clouds * 0.2 + 0.9)
    color = graph.mix(scuffs * 0.35, color, (0.45, 0.45, 0.45))
    color = _dusty(canvas, color, clouds)
    roughness = clouds * 0.2 + scuffs * 0.4 + (material.roughness - 0.1)
    return Look(color, roughness, average=material.color)


def _scuffs(canvas: Canvas, clouds: Wire) -> Wire:
    """Fine streaks, in patches; none on new things."""
    graph, wear = canvas.graph, canvas.material.wear
    streaks = graph.noise(canvas.own_place * (1.0, 1.0, 14.0), 0.12, detail=3.0)
    return graph.step(streaks + clouds, 1.22 - 0.2 * wear, 1.36 - 0.2 * wear) * wear


def _dusty(canvas: Canvas, color: Wire, clouds: Wire) -> Wire:
    share = canvas.upward * (clouds + 0.2) * (0.6 * canvas.material.wear)
    return canvas.graph.mix(share, color, DUST)


def paint(canvas: Canvas) -> Look:
    """Powder-coated steel: satin gloss; chips down to the accent with a rusty rim."""
    graph, material = canvas.graph, canvas.material
    clouds = graph.noise(canvas.own_place, 0.3, detail=2.0)
    color = canvas.scaled(canvas.tone(canvas.body, material.color, 0.05), clouds * 0.2 + 0.9)
    color = _dusty(canvas, color, clouds)
    roughness = clouds * 0.25 + (material.roughness - 0.12)
    if not material.wear:
        return Look(color, roughness, average=material.color)
    bare, clean = _chips(canvas, clouds)
    color = graph.mix(bare, color, graph.mix(clean, RUST, material.accent))
    return Look(color, roughness + bare * 0.15, average=material.color)


def _chips(canvas: Canvas, clouds: Wire) -> tuple[Wire, Wire]:
    """Returns where the paint is gone and, inside, what is still clean."""
    graph = canvas.graph
    knocks = graph.noise(canvas.own_place, 0.05, detail=4.0)
    depth = knocks * 0.8 + clouds * 0.7 + (0.16 * canvas.material.wear - 0.07)
    return graph.step(depth, 1.0, 1.015), graph.step(depth, 1.03, 1.06)


def metal(canvas: Canvas) -> Look:
    """Galvanised sheet: spangles and rolling marks in the gloss, dull oxide with wear."""
    graph, material = canvas.graph, canvas.material
    place = canvas.own_place
    spangle = graph("TexVoronoi", output="Color", Vector=place, Scale=45.0)
    crystal = graph.axes(spangle)[0]
    rolled = graph.noise(place * (1.0, 1.0, 9.0), 0.08, detail=3.0)
    clouds = graph.noise(place, 0.25, detail=3.0)
    oxide = graph.step(clouds, 0.50, 0.75) * material.wear
    shade = crystal * 0.16 + rolled * 0.2 + 0.82
    color = canvas.scaled(material.color, shade)
    color = graph.mix(oxide * 0.7, color, canvas.darker(0.5))
    roughness = crystal * 0.12 + rolled * 0.25 + oxide * 0.3 + (material.roughness - 0.18)
    return Look(color, roughness, 1.0 - oxide * 0.5, average=material.color)


def rubber(canvas: Canvas) -> Look:
    """Dull, greyed by dust and rubbing."""
    graph, material = canvas.graph, canvas.material
    clouds = graph.noise(canvas.own_place, 0.08, detail=4.0)
    greyed = graph.step(clouds, 0.3, 0.9) * (0.05 + 0.3 * material.wear)
    color = graph.mix(greyed, material.color, DUST)
    roughness = clouds * 0.2 + (material.roughness - 0.1)
    return Look(color, roughness, 0.0, 0.35, clouds, 0.001, material.color)
