"""Lies in the depth."""

import numpy as np

from tests.audit.lies.telling import HEIGHT, WIDTH, lie


@lie("depth_on_mesh")
def distance_as_depth(copy):
    v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    focal = focal_px(copy, 0)
    stretch = np.sqrt(((u - WIDTH / 2) ** 2 + (v - HEIGHT / 2) ** 2) / focal**2 + 1)
    copy.put_exr("depth", 0, copy.exr("depth", 0) * stretch)


@lie("depth_in_cuboid", "depth_on_mesh")
def depth_in_millimetres(copy):
    copy.put_exr("depth", 1, copy.exr("depth", 1) * 1000)


@lie("depth_on_mesh")
def depth_a_centimetre_off(copy):
    copy.put_exr("depth", 1, copy.exr("depth", 1) + 0.01)


@lie("depth_on_mesh")
def depth_shifted(copy):
    copy.put_exr("depth", 1, np.roll(copy.exr("depth", 1), 1, axis=1))


@lie("depth_sound")
def nan_in_depth(copy):
    depth = copy.exr("depth", 2)
    depth[10, 10] = np.nan
    copy.put_exr("depth", 2, depth)


@lie("depth_where")
def depth_lost(copy):
    depth = copy.exr("depth", 2)
    depth[20:30, 20:30] = np.inf
    copy.put_exr("depth", 2, depth)


def focal_px(copy, frame):
    camera = copy.records[frame]["spec"]["camera"]
    return camera["focal_mm"] / camera["sensor_mm"] * camera["width"]
