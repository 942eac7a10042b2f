"""Pictures on surfaces: printed once over a face, or tiled."""

from importlib.resources import files
from pathlib import Path

from simgen.blender import images
from simgen.blender.look import Canvas, Look
from simgen.blender.nodes import Wire
from simgen.errors import SimgenError


def image(canvas: Canvas) -> Look:
    material, graph = canvas.material, canvas.graph
    picture = images.load(_file(material.image), "Material.image")
    print_ = graph("TexImage", image=picture, extension="EXTEND", Vector=_uv(canvas))
    return Look(_over_color(canvas, print_), material.roughness)


def texture(canvas: Canvas) -> Look:
    """Tiled over metres of uv, each part cut from another place of it."""
    material, graph = canvas.material, canvas.graph
    picture = images.load(Path(material.image).expanduser(), "Material.image")
    width, height = picture.size
    tiles = graph.combine(1 / material.scale_m, width / height / material.scale_m)
    place = graph.compute("MULTIPLY", _uv(canvas), tiles) + canvas.lot(canvas.part)
    place = place + material.offset

    def tiled(name: str) -> Wire:
        data = images.load(Path(getattr(material, name)).expanduser(), f"Material.{name}")
        data.colorspace_settings.name = "Non-Color"
        return graph("TexImage", image=data, Vector=place)

    roughness, normal = material.roughness, None
    if material.roughness_image:
        roughness = graph.axes(tiled("roughness_image"))[0]
    if material.normal_image:
        normal = graph("NormalMap", Color=tiled("normal_image"))
    color = _over_color(canvas, graph("TexImage", image=picture, Vector=place))
    return Look(color, roughness, normal=normal)


def _over_color(canvas: Canvas, picture: Wire) -> Wire:
    """Returns a picture's colour, and the material's where the picture is transparent."""
    alpha = canvas.graph.beside(picture, "Alpha")
    return canvas.graph.mix(alpha, canvas.material.color, picture)


def _uv(canvas: Canvas) -> Wire:
    return canvas.graph("TexCoord", output="UV")


def _file(name: str) -> Path:
    for path in (Path(name).expanduser(), Path(str(files("simgen.assets") / name))):
        if name and path.is_file():
            return path
    raise SimgenError(
        f"Material.image={name!r} is neither a file nor the name of one in simgen's assets;"
        " correct the path or choose another kind of material"
    )
