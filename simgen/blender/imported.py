"""Materials of users' files: kept in a Blender file of their own, and fetched from there again.

Their drivers are not kept. They read the uv map and the colours that build.py gives each mesh,
whatever these were called in their file.
"""

from collections.abc import Iterator
from pathlib import Path

import bpy

from simgen.errors import SimgenError
from simgen.library.store import MATERIALS, folder_of

UV, COLOR = "uv", "tint"  # what build.py calls them; Cycles has a meaning of its own for "color"


def fetch(image: str):
    """Returns the material that '<digest>/<name>' names, appended from the cache."""
    digest, _, name = image.partition("/")
    path = folder_of(digest) / MATERIALS
    with bpy.data.libraries.load(str(path), link=False) as (there, wanted):
        if name not in there.materials:
            raise SimgenError(f"Material.image={image!r}: the asset has no such material")
        wanted.materials = [name]
    return wanted.materials[0]


def mend_images(materials: list, path: Path, root: Path) -> list[str]:
    """Finds images by their name beside the file where their path leads nowhere or elsewhere.

    Returns:
        Those that are not found or cannot be read, and that are gone now, as is what no material
        shows.
    """
    missing = set()
    shown = {node.image for node in _nodes(materials) if node.type == "TEX_IMAGE" and node.image}
    for image in set(bpy.data.images) - shown:
        bpy.data.images.remove(image)
    for image in shown:
        if image.source == "FILE" and not image.packed_files:
            _seek(image, path, root)
        if not all(image.size):
            name = Path(image.filepath.replace("\\", "/")).name or image.name
            missing.add(f"{name} (cannot be read)" if _place(image).is_file() else name)
            bpy.data.images.remove(image)
    return sorted(missing)


def _seek(image, path: Path, root: Path) -> None:
    there = _place(image)
    if not there.is_file() or not there.resolve().is_relative_to(root):
        found = _beside(path, there.name, root)
        if found:
            image.filepath = str(found)
            image.reload()


def _place(image) -> Path:
    return Path(bpy.path.abspath(image.filepath, library=image.library))


def _beside(path: Path, name: str, root: Path) -> Path | None:
    name = name.replace("\\", "/").rpartition("/")[2]
    for pattern in (name, f"*/{name}", f"../*/{name}"):
        for found in sorted(path.parent.glob(pattern)) if name else ():
            if found.is_file() and found.resolve().is_relative_to(root):
                return found.resolve()
    return None


def keep(materials: list, path: Path) -> list[str]:
    """Writes materials with their images into a Blender file; returns what was changed in them."""
    notes = []
    for material in materials:
        material.animation_data_clear()
        if material.node_tree is None:
            material.use_nodes = True
        material.displacement_method = "BUMP"
        for tree in _trees(material.node_tree):
            tree.animation_data_clear()
    for node in list(_nodes(materials)):
        notes += _adapt(node.id_data, node)
    if not materials:
        return notes
    for image in bpy.data.images:
        if not image.packed_files and image.source in ("FILE", "TILED", "GENERATED"):
            image.pack()
    bpy.data.libraries.write(str(path), set(materials), fake_user=True, compress=True)
    return sorted(set(notes))


def _nodes(materials: list) -> Iterator:
    """Yields the nodes of all materials and of the groups in them."""
    for material in materials:
        for tree in _trees(material.node_tree) if material.node_tree else ():
            yield from tree.nodes


def _trees(tree) -> Iterator:
    yield tree
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            yield from _trees(node.node_tree)


def _adapt(tree, node) -> Iterator[str]:
    """Makes a node read our attributes and its surface opaque; yields what that changes.

    An image that is not there would be magenta: its node goes, what it fed has one colour.
    """
    if node.type == "TEX_IMAGE" and node.image is None:
        tree.nodes.remove(node)
    elif node.type in ("UVMAP", "NORMAL_MAP"):
        node.uv_map = UV
    elif node.type == "VERTEX_COLOR":
        node.layer_name = COLOR
    elif node.type == "TEX_COORD":
        node.object = None
    elif node.type == "BSDF_TRANSPARENT":
        yield "see-through, which labels are not"
    elif node.type == "BSDF_PRINCIPLED":
        alpha = node.inputs["Alpha"]
        if alpha.is_linked or alpha.default_value < 1:
            for link in list(alpha.links):
                tree.links.remove(link)
            alpha.default_value = 1.0
            yield "alpha ignored: drawn and labelled opaque"


def paint_by_color(name: str):
    """Returns a material that shows the colours of a mesh's corners."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes = material.node_tree.nodes
    color = nodes.new("ShaderNodeVertexColor")
    color.layer_name = COLOR
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(color.outputs["Color"], surface.inputs["Base Color"])
    return material
