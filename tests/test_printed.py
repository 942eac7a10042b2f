"""Printed matter: every layout stays on its sheet, each print on a level of its own."""

import numpy as np
import pytest

from simgen.props import finish_of, looks, mesh_of, shapes
from simgen.props.printed import INKS, RISE, build
from simgen.truth.solid import solid_of

SHAPES = shapes("printed")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: str(dict(s.params)["layout"]))
def test_prints_lie_on_the_sheet_each_above_the_one_before(shape):
    mesh, size = mesh_of(shape), {k: v for k, v in shape.params if k != "layout"}
    low, high = mesh.bounds
    np.testing.assert_allclose(
        (low[:2], high[:2]), np.multiply.outer((-0.5, 0.5), (size["x"], size["y"])), atol=1e-6
    )
    assert low[2] == 0 and size["z"] <= high[2] < size["z"] + 0.005
    corners = mesh.vertices[mesh.triangles].astype(float)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    up = normal[:, 2] > 0.999 * np.linalg.norm(normal, axis=1)
    printed = up & (mesh.slot != mesh.slots.index("paper"))
    level = np.floor((corners[printed, :, 2].mean(1) - size["z"]) / RISE)
    assert level.min() == 0 and solid_of(shape).closed
    for height in np.unique(level):
        assert len(np.unique(mesh.slot[printed][level == height])) == 1


def test_layouts_differ_and_come_again():
    sums = [build(layout=n).vertices.sum() for n in (*range(12), *range(12))]
    assert sums[:12] == sums[12:] and len(set(sums)) == 12


def test_a_look_names_what_its_shape_has_and_no_more():
    for shape in SHAPES:
        slots = mesh_of(shape).slots
        assert all(set(look) == set(slots) <= set(finish_of(shape)) for look in looks(shape))
    assert {slot for shape in SHAPES for slot in mesh_of(shape).slots} == {"paper", *INKS}
