"""All that a scene of Blender's would render, as one triangle mesh."""

import bpy
import numpy as np

SHAPED = ("MESH", "CURVE", "SURFACE", "META", "FONT")
STEPS = 511  # of a normal's coordinate: corners whose normals differ by less share a vertex


def gather(turn: np.ndarray) -> tuple[dict[str, np.ndarray] | None, list]:
    """Returns the arrays of one mesh, None if there is no triangle, and its materials.

    Args:
        turn: (3, 3), applied to all points.

    Returns:
        vertices (V, 3), triangles (T, 3), uv (T, 3, 2), slot (T,), -1 = no material, smooth (T,)
        and, where any part has colours, color (T, 3, 4), linear. A vertex at which corners are
        shaded with different normals is there once for each of them.
    """
    materials: list = []
    parts = []
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for instance in depsgraph.object_instances:
        item = instance.object
        if item.type in SHAPED and instance.show_self and not item.original.hide_render:
            mesh = item.to_mesh()
            if mesh is not None and len(mesh.polygons):
                matrix = turn @ np.array(instance.matrix_world)[:3]
                parts.append(_part(mesh, matrix, _places(item, mesh, materials)))
            item.to_mesh_clear()
    return (_joined(parts) if parts else None), materials


def _places(item, mesh, materials: list) -> np.ndarray:
    """Returns for each of the object's material slots its place in `materials`, which grows."""
    own = [slot.material for slot in item.material_slots] or list(mesh.materials)
    places = []
    for material in (None if each is None else each.original for each in own):
        if material is not None and material not in materials:
            materials.append(material)
        places.append(-1 if material is None else materials.index(material))
    return np.array(places or [-1], np.int32)


def _part(mesh, matrix: np.ndarray, places: np.ndarray) -> dict[str, np.ndarray]:
    mesh.calc_loop_triangles()
    loops = _read(mesh.loop_triangles, "loops", np.int32).reshape(-1, 3)
    polygon = _read(mesh.loop_triangles, "polygon_index", np.int32, 1)
    points = _read(mesh.vertices, "co", np.float32).reshape(-1, 3).astype(float)
    index = np.clip(_read(mesh.polygons, "material_index", np.int32, 1), 0, len(places) - 1)
    if np.linalg.det(matrix[:, :3]) < 0:
        loops = loops[:, ::-1]
    vertex, normals = _read(mesh.loops, "vertex_index", np.int32, 1)[loops], None
    if mesh.normals_domain == "CORNER":
        normals = _read(mesh.corner_normals, "vector", np.float32).reshape(-1, 3)[loops]
    vertex, triangles = _split(vertex, normals)
    return {
        "vertices": points[vertex] @ matrix[:, :3].T + matrix[:, 3],
        "triangles": triangles,
        "uv": _uv(mesh, loops),
        "slot": places[index[polygon]],
        "smooth": _read(mesh.polygons, "use_smooth", bool, 1)[polygon],
        "color": _color(mesh, loops, vertex[triangles]),
    }


def _read(items, name: str, kind: type, each: int = 3) -> np.ndarray:
    values = np.empty(len(items) * each, kind)
    items.foreach_get(name, values)
    return values


def _split(vertex: np.ndarray, normals: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Returns which vertex each new one is, and (T, 3) new ones for (T, 3) old ones."""
    key = vertex.astype(np.int64)
    if normals is not None:
        for axis in np.moveaxis(np.rint(normals * STEPS).astype(np.int64) + STEPS, -1, 0):
            key = key * (2 * STEPS + 1) + axis
    _, first, triangles = np.unique(key, return_index=True, return_inverse=True)
    return vertex.ravel()[first], triangles.reshape(-1, 3).astype(np.int32)


def _uv(mesh, loops: np.ndarray) -> np.ndarray:
    layer = next((each for each in mesh.uv_layers if each.active_render), None)
    if layer is None:
        return np.zeros((*loops.shape, 2), np.float32)
    return _read(layer.uv, "vector", np.float32, 2).reshape(-1, 2)[loops]


def _color(mesh, loops: np.ndarray, vertex: np.ndarray) -> np.ndarray | None:
    place = mesh.color_attributes.render_color_index
    if not 0 <= place < len(mesh.color_attributes):
        return None
    layer = mesh.color_attributes[place]
    colors = _read(layer.data, "color", np.float32, 4).reshape(-1, 4)
    return colors[loops if layer.domain == "CORNER" else vertex]


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    starts = np.cumsum([0, *(len(part["vertices"]) for part in parts)])
    for part, start in zip(parts, starts):
        part["triangles"] = part["triangles"] + np.int32(start)
    if all(part["color"] is None for part in parts):
        for part in parts:
            del part["color"]
    else:
        for part in parts:
            if part["color"] is None:
                part["color"] = np.ones((*part["triangles"].shape, 4), np.float32)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
