"""blenderproc 2.8.0 in the race, by its documented functions; runs in blenderproc's environment.

    python race_blenderproc.py FOLDER defaults|expert PIPE

Objects are loaded once and then moved, painted and lit anew for each frame, which is the fastest
that it can do. `defaults` leaves all settings but the number of samples as blenderproc has them.
`expert` replaces what costs time: Cycles' own fast denoiser for the compositor's accurate one,
simgen's light paths and noise threshold, no spatial splits, no progress bar.
"""

import json
import sys
from pathlib import Path

import numpy as np
from blenderproc_on_pip import start
from in_turn import serve
from race_cycles import fast

TO_BLENDER = ["X", "-Y", "-Z"]  # OpenCV's camera axes to Blender's


class Work:
    """What is asked of a racer."""

    def __init__(self, bproc, folder: Path, style: str):
        self._bproc, self._folder, self._expert = bproc, folder, style == "expert"
        self._frames = json.loads((folder / "frames.json").read_text())
        self._target = folder / f"blenderproc-{style}"
        bproc.init()
        self._bodies = [self._load(i, body) for i, body in enumerate(self._frames[0]["bodies"])]
        self._lamps = [bproc.types.Light("POINT") for _ in self._frames[0]["lights"]]
        self._place_cameras()
        if self._expert:
            bproc.renderer.set_denoiser(None)
        bproc.renderer.enable_depth_output(activate_antialiasing=False)
        bproc.renderer.enable_normals_output()
        bproc.renderer.enable_segmentation_output(
            map_by=["category_id", "instance", "name"], default_values={"category_id": 0}
        )

    def __call__(self, frame: int, samples: int, picture: str = "", exact: bool = False) -> None:
        """Makes a labelled frame; or the light alone, without adaptive sampling and denoiser where
        it is to be exact, kept in the file `picture`."""
        self._arrange(self._frames[frame])
        self._bproc.utility.set_keyframe_render_interval(frame, frame + 1)
        self._bproc.renderer.set_max_amount_of_samples(samples)
        if self._expert:
            fast()
        if picture:
            self._light(picture, exact)
        else:
            self._write(f"{samples}", self._bproc.renderer.render(verbose=self._expert))

    def _load(self, i: int, body: dict):
        (loaded,) = self._bproc.loader.load_obj(str(self._folder / f"meshes/{i}.ply"))
        loaded.set_name(f"{body['name']} {i}")
        loaded.set_cp("category_id", body["category_id"])
        smooth = np.load(self._folder / f"meshes/{i}.npz")["smooth"]
        loaded.get_mesh().polygons.foreach_set("use_smooth", smooth)
        loaded.replace_materials(self._bproc.material.create(f"{body['name']} {i}"))
        return loaded

    def _place_cameras(self) -> None:
        camera, first = self._bproc.camera, self._frames[0]
        camera.set_intrinsics_from_blender_params(
            first["focal_mm"], *first["size"], lens_unit="MILLIMETERS"
        )
        pose = self._bproc.math.change_source_coordinate_frame_of_transformation_matrix
        for frame in self._frames:
            camera.add_camera_pose(pose(np.array(frame["world_from_camera"]), TO_BLENDER))

    def _arrange(self, frame: dict) -> None:
        for loaded, body in zip(self._bodies, frame["bodies"]):
            loaded.set_local2world_mat(np.array(body["pose"]))
            (material,) = loaded.get_materials()
            material.set_principled_shader_value("Base Color", [*body["color"], 1.0])
            material.set_principled_shader_value("Roughness", body["roughness"])
        for lamp, light in zip(self._lamps, frame["lights"]):
            lamp.set_location(light["place"])
            lamp.set_energy(light["watts"])
            lamp.set_radius(light["radius"])
        sky = frame["sky"]
        self._bproc.renderer.set_world_background(sky["color"], sky["strength"])

    def _write(self, name: str, data: dict) -> None:
        """Writes what simgen writes: JPEG and COCO; depth, normals and instances."""
        target = self._target / name
        self._bproc.writer.write_coco_annotations(
            str(target),
            instance_segmaps=data["instance_segmaps"],
            instance_attribute_maps=data["instance_attribute_maps"],
            colors=data["colors"],
            color_file_format="JPEG",
        )
        kept = {key: data[key] for key in ("depth", "normals", "instance_segmaps")}
        self._bproc.writer.write_hdf5(str(target / "hdf5"), kept)

    def _light(self, picture: str, exact: bool) -> None:
        """Keeps linear light, which blenderproc gives as OpenEXR."""
        renderer = self._bproc.renderer
        if exact:
            renderer.set_denoiser(None)
            renderer.set_noise_threshold(0)
        renderer.set_output_format("OPEN_EXR", 32)
        data = renderer.render(file_prefix="light_", output_key="light", load_keys={"light"})
        np.save(picture, data["light"][0])
        renderer.set_output_format("PNG", 8)
        if exact and not self._expert:
            renderer.set_denoiser("INTEL")
            renderer.set_noise_threshold(0.01)


if __name__ == "__main__":
    place, kind, pipe = sys.argv[1:]
    package = start(Path(place) / f"scratch-{kind}")
    serve(Work(package, Path(place), kind), int(pipe))
