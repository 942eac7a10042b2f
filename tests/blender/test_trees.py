"""Node trees that are copied from earlier ones, against those that are grown from nothing."""

from dataclasses import replace

import pytest

bpy = pytest.importorskip("bpy")

from simgen.blender import blank, materials, world  # noqa: E402
from simgen.blender.materials import FINISHES  # noqa: E402
from simgen.blender.nodes import Graph  # noqa: E402
from simgen.blender.trees import grow  # noqa: E402
from simgen.spec import Material, World  # noqa: E402

pytestmark = pytest.mark.blender
PICTURES = ("print_fragile.png", "label_crate.png")
KINDS = [kind for kind in (*FINISHES, "emitter") if kind not in ("image", "texture")]


def dump(data) -> list:
    """Returns all that a tree says: nodes, properties, values, links."""
    nodes = list(data.node_tree.nodes)
    links = {
        (nodes.index(link.to_node), list(link.to_node.inputs).index(link.to_socket)): (
            nodes.index(link.from_node),
            list(link.from_node.outputs).index(link.from_socket),
        )
        for link in data.node_tree.links
    }
    return [
        (
            node.bl_idname,
            {name: _plain(getattr(node, name)) for name in _own(node)},
            [_value(socket) for socket in node.inputs],
        )
        for node in nodes
    ] + [sorted(links.items())]


def _own(node) -> list[str]:
    base = {p.identifier for p in bpy.types.ShaderNode.bl_rna.properties}
    return [p.identifier for p in node.bl_rna.properties if p.identifier not in base]


def _value(socket):
    return _plain(getattr(socket, "default_value", None))


def _plain(value):
    if isinstance(value, bpy.types.ID):
        return value.name
    if isinstance(value, str | int | float | None):
        return value
    return tuple(value) if hasattr(value, "__len__") else str(type(value))


def afresh(build):
    """Returns what a tree is that nothing came before."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blank.blank_scene()
    return dump(build())


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_with_other_values_is_as_if_grown(kind):
    one = Material(kind, (0.2, 0.4, 0.6), accent=(0.9, 0.1, 0.3), wear=0.3, emission=2.0)
    other = replace(
        one, color=(0.7, 0.5, 0.1), accent=(0.3, 0.2, 0.8), roughness=0.9, wear=0.8,
        offset=(0.3, -1.0, 2.0), scale_m=0.31, emission=5.0,
    )  # fmt: skip
    wanted = [afresh(lambda material=m: materials.build(material)) for m in (one, other)]
    blank.blank_scene()
    for _ in range(2):
        assert [dump(materials.build(m)) for m in (one, other, one)] == [*wanted, wanted[0]]
        blank.blank_scene()


def test_worn_and_new_paint_have_trees_of_their_own():
    new, worn = (dump(materials.build(Material("paint", wear=wear))) for wear in (0.0, 0.5))
    assert len(new) < len(worn)


def test_each_copy_has_its_own_picture():
    blank.blank_scene()
    shown = [materials.build(Material("image", image=name)) for name in PICTURES]
    shown.append(materials.build(Material("image", image=PICTURES[0], roughness=0.1)))
    images = [
        next(n.image.name for n in data.node_tree.nodes if n.bl_idname == "ShaderNodeTexImage")
        for data in shown
    ]
    assert images == [*PICTURES, PICTURES[0]]


def test_skies_keep_their_own_values():
    skies = World(color=(0.1, 0.2, 0.3)), World(hdri="forest"), World(color=(0.6, 0.5, 0.4))
    wanted = [afresh(lambda sky=sky: world.build(sky)) for sky in skies]
    blank.blank_scene()
    assert [dump(world.build(sky)) for sky in skies] == wanted


def test_a_graph_is_wired_as_written():
    """x * 2 + (1, 2, 3) of a vector: two vector nodes, the factor on all three axes."""
    graph = Graph()
    place = graph("TexCoord", output="Object") * 2 + (1.0, 2.0, 3.0)
    graph("OutputMaterial", Surface=graph("Emission", Color=place))
    tree = grow(graph, materials._new).node_tree
    coordinates, times, plus, light, end = tree.nodes
    assert [times.operation, plus.operation] == ["MULTIPLY", "ADD"]
    assert tuple(times.inputs[1].default_value) == (2.0, 2.0, 2.0)
    assert tuple(plus.inputs[1].default_value) == (1.0, 2.0, 3.0)
    wires = {(link.from_socket, link.to_socket) for link in tree.links}
    assert wires == {
        (coordinates.outputs["Object"], times.inputs[0]),
        (times.outputs["Vector"], plus.inputs[0]),
        (plus.outputs["Vector"], light.inputs["Color"]),
        (light.outputs["Emission"], end.inputs["Surface"]),
    }
