"""Runs in blenderproc's environment: renders an exported scene, or writes its labels.

    python blenderproc_scene.py render FOLDER SAMPLES
    python blenderproc_scene.py write FOLDER rle|polygon TARGET

The two are apart so that one render is written in both encodings, and under two releases of NumPy.
Nothing is set that blenderproc's own COCO example would not set: its defaults stay.
"""

import json
import sys
from pathlib import Path

import numpy as np
from blenderproc_on_pip import start

TO_BLENDER = ["X", "-Y", "-Z"]  # OpenCV's camera axes to Blender's


def build(bproc, folder: Path, scene: dict) -> None:
    """Puts the bodies, their materials, two lights and the cameras into Blender."""
    bproc.init()
    for body in scene["bodies"]:
        (loaded,) = bproc.loader.load_obj(str(folder / body["mesh"]))
        loaded.set_name(body["name"])
        loaded.set_local2world_mat(np.array(body["world_from_body"]))
        loaded.set_cp("category_id", body["category_id"])
        material = bproc.material.create(body["name"])
        material.set_principled_shader_value("Base Color", [*body["color"], 1.0])
        loaded.replace_materials(material)
    for place, power in (([4.0, -5.0, 5.0], 800), ([-5.0, -3.0, 4.0], 500)):
        light = bproc.types.Light()
        light.set_type("POINT")
        light.set_location(place)
        light.set_energy(power)
    bproc.renderer.set_world_background([0.5, 0.55, 0.6], 0.6)
    width, height = scene["size"]
    bproc.camera.set_intrinsics_from_blender_params(
        scene["focal_mm"], width, height, lens_unit="MILLIMETERS"
    )
    pose = bproc.math.change_source_coordinate_frame_of_transformation_matrix
    for matrix in scene["world_from_camera"]:
        bproc.camera.add_camera_pose(pose(np.array(matrix), TO_BLENDER))


def render(bproc, folder: Path, samples: int) -> None:
    """Writes colours, instance map and depth of each frame to render/, as numpy has them."""
    scene = json.loads((folder / "scene.json").read_text())
    build(bproc, folder, scene)
    bproc.renderer.set_max_amount_of_samples(samples)
    bproc.renderer.enable_depth_output(activate_antialiasing=False)
    bproc.renderer.enable_segmentation_output(
        map_by=["category_id", "instance", "name"], default_values={"category_id": 0}
    )
    data = bproc.renderer.render()
    target = folder / "render"
    target.mkdir()
    for i, (colors, instance, depth) in enumerate(
        zip(data["colors"], data["instance_segmaps"], data["depth"])
    ):
        np.savez_compressed(target / f"{i}.npz", colors=colors, instance=instance, depth=depth)
    maps = data["instance_attribute_maps"]
    (target / "objects.json").write_text(json.dumps(maps, default=lambda number: number.item()))


def write(bproc, folder: Path, encoding: str, target: Path) -> None:
    """Has blenderproc write what was rendered as a COCO folder."""
    import bpy

    scene = json.loads((folder / "scene.json").read_text())
    maps = json.loads((folder / "render/objects.json").read_text())
    frames = [np.load(folder / f"render/{i}.npz") for i in range(len(maps))]
    bproc.init()
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 0, len(frames)
    bproc.writer.write_coco_annotations(
        str(target),
        instance_segmaps=[frame["instance"] for frame in frames],
        instance_attribute_maps=maps,
        colors=[frame["colors"] for frame in frames],
        color_file_format="JPEG",
        mask_encoding_format=encoding,
        label_mapping=bproc.utility.LabelIdMapping.from_dict(scene["categories"]),
    )


if __name__ == "__main__":
    command, place, *rest = sys.argv[1:]
    place = Path(place)
    package = start(place / "scratch")
    if command == "render":
        render(package, place, int(rest[0]))
    else:
        write(package, place, rest[0], Path(rest[1]))
