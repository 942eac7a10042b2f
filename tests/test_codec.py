import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.codec import decode_spec, encode_spec
from simgen.errors import SimgenError
from simgen.frame import Agreement
from simgen.record import Record, Run, decode_record, encode_record
from simgen.spec import (
    LIGHT_KINDS,
    MATERIAL_KINDS,
    Body,
    Camera,
    Light,
    Material,
    SceneSpec,
    Shape,
    World,
)
from tests import rectangles

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)
names = st.dictionaries(texts, values, max_size=4)


def tuples(count):
    return st.tuples(*[numbers] * count)


materials = st.builds(
    Material,
    kind=st.sampled_from(MATERIAL_KINDS),
    color=tuples(3),
    accent=tuples(3),
    roughness=numbers,
    offset=tuples(3),
    image=texts,
)
shapes = names.flatmap(lambda params: texts.map(lambda prop: Shape(prop, tuple(params.items()))))
bodies = st.builds(
    Body,
    name=texts,
    shape=shapes,
    position=tuples(3),
    rotation=tuples(4),
    scale=tuples(3),
    category=texts,
    materials=st.dictionaries(texts, materials, max_size=3),
    slack_m=numbers,
    blocks_light=st.booleans(),
)
lights = st.builds(
    Light, kind=st.sampled_from(LIGHT_KINDS), position=tuples(3), rotation=tuples(4), size=tuples(2)
)
specs = st.builds(
    SceneSpec,
    bodies=st.lists(bodies, max_size=4).map(tuple),
    lights=st.lists(lights, max_size=2).map(tuple),
    world=st.builds(World, hdri=texts, color=tuples(3), strength=numbers),
    camera=st.builds(Camera, position=tuples(3), width=st.integers(1, 9999), focal_mm=numbers),
    room=st.tuples(tuples(3), tuples(3)),
    parameters=names,
)


def plainly(value) -> str:
    """Tells apart what == does not: 1, 1.0, True and -0.0."""
    return repr(value)


@given(specs)
def test_a_spec_survives_being_written_and_read(spec):
    data = encode_spec(spec)
    again = decode_spec(data, "spec")
    assert again == spec
    assert encode_spec(again) == data
    assert plainly(again.bodies) == plainly(
        tuple(replace(b, materials=dict(sorted(b.materials.items()))) for b in spec.bodies)
    )


@given(specs)
def test_order_of_names_does_not_change_the_bytes(spec):
    turned = replace(spec, parameters=dict(reversed(spec.parameters.items())))
    assert encode_spec(turned) == encode_spec(spec)


def test_equal_materials_and_shapes_are_written_once():
    spec = SceneSpec(tuple(body(i) for i in range(200)))
    wire = json.loads(encode_spec(spec))
    assert (len(wire["bodies"]), len(wire["materials"]), len(wire["shapes"])) == (200, 2, 1)
    assert len(encode_spec(spec)) < 200 * 250


def test_equal_is_not_the_same():
    """1 == True == 1.0 and 0.0 == -0.0, but a prop may tell them apart."""
    shapes = [Shape.of("block", x=x) for x in (1, True, 1.0, 0.0, -0.0)]
    spec = SceneSpec(tuple(Body("b", shape) for shape in shapes))
    assert plainly(decode_spec(encode_spec(spec), "spec").bodies) == plainly(spec.bodies)


def body(i: int = 0) -> Body:
    material = Material("wood", color=(0.1, 0.2, 0.3 + 0.1 * (i % 2)))
    return Body(f"b{i}", Shape.of("block", x=1.0), materials={"surface": material})


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (SceneSpec(parameters={"count": np.float64(1)}), "parameters['count'] is a numpy.float64"),
        (SceneSpec(parameters={"count": np.int64(1)}), "parameters['count'] is a numpy.int64"),
        (SceneSpec(camera=Camera(position=(0.0, np.float32(1), 0.0))), "camera.position[1] is a"),
        (SceneSpec(bodies=(replace(body(), scale=[1.0, 1.0, 1.0]),)), "bodies[0].scale is a"),
        (SceneSpec(world=World(strength=float("nan"))), "world.strength=nan is no finite"),
        (SceneSpec(world=World(strength=float("inf"))), "world.strength=inf is no finite"),
        (SceneSpec(camera=Camera(width=640.5)), "camera.width"),
        (SceneSpec(parameters={"name": "\ud800"}), "surrogates not allowed"),
        (SceneSpec(parameters={"name": None}), "parameters"),
        (SceneSpec((Body("b", Shape("block", (("x", 1), ("x", 2)))),)), "does not survive"),
    ],
)
def test_what_json_cannot_give_back_is_refused_by_name(spec, said):
    with pytest.raises(SimgenError) as error:
        encode_spec(spec)
    assert said in str(error.value)


WRITTEN = encode_spec(SceneSpec((body(),), parameters={"n": 0}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"kind":"wood"', '"kind":"wod"', "did you mean 'wood'?"),
        ('"width":640', '"width":"wide"', "$.camera.width"),
        ('"shape":0', '"shape":7', "refers to shape 7 of 1"),
        ('"shape":0', '"shape":-1', "$.bodies[0].shape"),
        ('"surface":0', '"surface":3', "refers to material 3 of 1"),
        ('"n":0', '"n":null', "$.parameters"),
        ('"n":0', '"n":[[{}]]', "not a number"),
        ('"n":0', '"n":1e999', "out of range"),
        ('"n":0', '"n":' + "[" * 5000 + "]" * 5000, "recursion"),
        ('"name":"b0"', '"title":"b0"', "unknown field `title`"),
        ("{", "", "Expected `object`"),
        ("{", "\x00{", "malformed"),
    ],
)
def test_a_damaged_spec_is_one_line_naming_file_and_field(old, new, said):
    assert old in WRITTEN.decode()
    with pytest.raises(SimgenError) as error:
        decode_spec(WRITTEN.decode().replace(old, new, 1).encode(), "records/000007.json")
    assert str(error.value).startswith("records/000007.json: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@given(st.binary(max_size=40) | st.integers(0, len(WRITTEN) - 1).map(lambda n: WRITTEN[:n]))
def test_rubbish_is_refused(data):
    with pytest.raises(SimgenError):
        decode_spec(data, "f")


@pytest.mark.parametrize("id_pixels", [None, 0.5])
def test_a_record_survives(id_pixels):
    frame = rectangles.make(rectangles.Rectangles(), 3)
    agreement = Agreement(0.9, id_pixels, 1.0, 1e-7, 1e-4)
    run = Run("none", {"render": 1.5}, 90.0, {"simgen": "1"})
    record = Record(3, frame.spec, frame.instances, agreement, {"a/b": "00", "a/a": "11"}, run)
    data = encode_record(record)
    assert decode_record(data, "record") == record
    assert b"\n" not in data


def test_a_record_of_nan_is_refused():
    frame = rectangles.make(rectangles.Rectangles(), 3)
    agreement = Agreement(0.9, None, 1.0, float("nan"), 1e-4)
    run = Run("none", {}, 90.0, {})
    with pytest.raises(SimgenError, match="agreement.depth_median=nan"):
        encode_record(Record(3, frame.spec, frame.instances, agreement, {}, run))
