from dataclasses import FrozenInstanceError, replace

import pytest

from simgen.errors import SimgenError, did_you_mean
from simgen.spec import Body, Camera, Light, Material, SceneSpec, Shape


def test_equal_values_are_equal_specs():
    def make():
        body = Body("a", Shape.of("block", x=2.0), materials={"surface": Material("wood")})
        return SceneSpec((body,), (Light("sun", (0.0, 0.0, 5.0)),), parameters={"light.count": 1})

    assert make() == make()
    assert make() != replace(make(), camera=Camera(width=320))


def test_specs_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Camera().width = 3


def test_shapes_do_not_depend_on_the_order_of_arguments():
    """They are the key under which meshes are kept."""
    shape, same = Shape.of("block", x=1.0, y=2.0), Shape.of("block", y=2.0, x=1.0)
    assert shape == same and hash(shape) == hash(same)
    assert shape != Shape.of("block", x=1.0, y=3.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Material("wod"), "Material.kind='wod' is not known; did you mean 'wood'"),
        (lambda: Light("flood", (0, 0, 0)), "Light.kind='flood' is not known; choose one of: area"),
    ],
)
def test_unknown_kinds_name_the_nearest(make, message):
    with pytest.raises(SimgenError, match=message):
        make()


def test_did_you_mean():
    assert did_you_mean("warehous", ["kitchen", "warehouse"]) == "did you mean 'warehouse'?"
    assert did_you_mean("zzz", ["b", "a"]) == "choose one of: a, b"
