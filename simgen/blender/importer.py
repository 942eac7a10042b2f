"""Imports mesh files, one after the other: a process that a crash or a hang may end.

It reads a job a line, JSON, from stdin and answers each with a line on stdout:
    {"do": "import", "file", "root", "turn", "folder"}: leaves raw.npz and material.blend in folder;
    {"do": "picture", "digest"}: leaves thumbnail.png beside a cached asset.
An answer has "error", one line, where a job could not be done.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from simgen.blender import chatter, imported, thumbnail
from simgen.blender.gather import gather
from simgen.errors import SimgenError
from simgen.library.finite import require_finite
from simgen.library.store import MATERIALS

AS_IT_IS = {"forward_axis": "Y", "up_axis": "Z"}  # no turning


def main() -> None:
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        for line in sys.stdin:
            answers.write(json.dumps(_answer(json.loads(line))) + "\n")
            answers.flush()
    os._exit(0)  # Blender's tear-down may hang


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return _import(job) if job["do"] == "import" else thumbnail.picture(job)
    except SimgenError as error:
        return {"error": str(error)}
    except Exception as error:  # whatever an importer makes of a damaged file
        lines = (str(error).strip() or type(error).__name__).splitlines()
        lines = [line for line in lines if not line.startswith("Location:")]
        said = lines[-1] if "Traceback" in lines[0] else lines[0]
        return {"error": f"Blender cannot read it: {said.strip().removeprefix('Error: ')}"}


def _import(job: dict[str, Any]) -> dict[str, Any]:
    path, root, folder = Path(job["file"]), Path(job["root"]), Path(job["folder"])
    with chatter.overheard() as complaints:
        _read(path)
        _validate()
        raw, materials = gather(np.array(job["turn"], float))
        if raw and "color" in raw and (raw["slot"] < 0).any():
            raw["slot"][raw["slot"] < 0] = len(materials)
            materials.append(imported.paint_by_color("colours"))
        missing = imported.mend_images(materials, path, root)
        used = bpy.utils.blend_paths(absolute=True, packed=False)  # before they are packed
        notes = imported.keep(materials, folder / MATERIALS)
    if raw is None:
        raise SimgenError("; ".join(complaints) or "it holds no triangles")
    np.savez(folder / "raw.npz", **raw)
    names = [material.name for material in materials]
    return {"materials": names, "missing": missing, "used": used, "notes": notes}


def _read(path: Path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    name, suffix = str(path), path.suffix.lower()
    if suffix == ".obj":
        bpy.ops.wm.obj_import(filepath=name, validate_meshes=False, **AS_IT_IS)
    elif suffix == ".stl":
        bpy.ops.wm.stl_import(filepath=name, use_mesh_validate=False, **AS_IT_IS)
    elif suffix == ".ply":
        bpy.ops.wm.ply_import(filepath=name, import_colors="LINEAR", **AS_IT_IS)
    elif suffix == ".fbx":
        bpy.ops.wm.fbx_import(filepath=name, use_anim=False, validate_meshes=False)
    elif suffix in (".glb", ".gltf"):
        bpy.ops.import_scene.gltf(filepath=name)
    elif suffix == ".blend":
        _open_blend(name)
    else:
        textures = "IMPORT_PACK" if suffix == ".usdz" else "IMPORT_NONE"  # those in the archive
        bpy.ops.wm.usd_import(filepath=name, import_textures_mode=textures, validate_meshes=False)


def _validate() -> None:
    """Has Blender put meshes right that would crash it, which turns nan into 0 without a word."""
    for mesh in bpy.data.meshes:
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        require_finite(points)
        mesh.validate()


def _open_blend(name: str) -> None:
    """Opens a Blender file, its scripts off, and shows what its scene renders."""
    bpy.ops.wm.open_mainfile(filepath=name, load_ui=False, use_scripts=False)
    scene = bpy.context.scene
    for item in scene.objects:
        item.hide_viewport = item.hide_render
    if scene.unit_settings.system != "NONE":
        _scale_all(scene.unit_settings.scale_length)


def _scale_all(scale: float) -> None:
    for item in bpy.context.scene.objects:
        if item.parent is None and scale != 1:
            item.location *= scale
            item.scale *= scale


if __name__ == "__main__":
    main()
