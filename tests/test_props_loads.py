"""Every prop is a closed solid on the floor; the loads have the sizes of the real ones."""

from hashlib import sha256
from importlib import import_module, resources

import cv2
import numpy as np
import pytest
import yaml

from simgen import props
from simgen.errors import SimgenError
from simgen.mesh import Mesh
from simgen.props.carton import LABELS, PRINTS
from simgen.spec import Shape

LOADS = ("pallet", "small_load_carrier", "stillage", "carton", "drum", "traffic_cone")
VARIANTS = [
    *(Shape.of(name) for name in props.names()),
    *(Shape.of("pallet", variant=n) for n in (1, 2, 3)),
    Shape.of("pallet", x=1.219, y=1.016, top=(0.09,) * 7, bottom=(0.09,) * 3, variant=4),
    *(Shape.of("small_load_carrier", x=x, y=y, z=z) for x, y, z in (
        (0.3, 0.2, 0.147), (0.4, 0.3, 0.147), (0.4, 0.3, 0.28), (0.6, 0.4, 0.147),
    )),
    Shape.of("stillage", flap_open=True),
    Shape.of("carton", x=0.15, y=0.1, z=0.08, label="right", print_on=("front", "right")),
    Shape.of("carton", x=0.78, y=0.58, z=0.3, label="left", print_on=("front", "back")),
    Shape.of("carton", tape=False, label="", print_on=()),
    Shape.of("drum", variant="plastic"),
    Shape.of("traffic_cone", height=0.5),
]  # fmt: skip
OURS = [shape for shape in VARIANTS if shape.prop in LOADS]
assets = resources.files("simgen.assets")


def named(shape: Shape) -> str:
    return "-".join([shape.prop, *(f"{k}={v}" for k, v in shape.params)])


every = pytest.mark.parametrize("shape", VARIANTS, ids=named)
ours = pytest.mark.parametrize("shape", OURS, ids=named)


def corners(mesh: Mesh) -> np.ndarray:
    return mesh.vertices[mesh.triangles].astype(float)


def normals(mesh: Mesh) -> np.ndarray:
    a, b, c = corners(mesh).transpose(1, 0, 2)
    return np.cross(b - a, c - a)  # twice the area long


def hits(mesh: Mesh, origin, direction) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distances at which a line meets the mesh, sorted, and the triangles met."""
    a, b, c = corners(mesh).transpose(1, 0, 2)
    e, f, s = b - a, c - a, np.asarray(origin, float) - a
    p, q = np.cross(direction, f), np.cross(s, e)
    det = (p * e).sum(1)
    with np.errstate(all="ignore"):
        u, v, t = (p * s).sum(1) / det, q @ direction / det, (q * f).sum(1) / det
        inside = (np.abs(det) > 1e-14) & (u >= 0) & (v >= 0) & (u + v <= 1)
    found = np.flatnonzero(inside)
    found = found[np.argsort(t[found])]
    return t[found], found


def first(mesh: Mesh, origin, direction) -> float:
    along, _ = hits(mesh, origin, np.asarray(direction, float))
    along = along[along > 0]
    return along[0] if len(along) else np.inf


@every
def test_each_part_is_closed_and_faces_out(shape):
    mesh = props.mesh_of(shape)
    _, place = np.unique(np.round(mesh.vertices, 6), axis=0, return_inverse=True)
    triangles, solid = place.ravel()[mesh.triangles], corners(mesh)
    sixth = np.einsum("ij,ij->i", solid[:, 0], np.cross(solid[:, 1], solid[:, 2]))
    for part in np.unique(mesh.part):
        rows = triangles[mesh.part == part]
        edges = np.concatenate([rows[:, [0, 1]], rows[:, [1, 2]], rows[:, [2, 0]]])
        edges = edges[edges[:, 0] != edges[:, 1]]
        forth, back = (np.sort(e[:, 0] * len(place) + e[:, 1]) for e in (edges, edges[:, ::-1]))
        assert np.array_equal(forth, back), "an edge without its opposite: the part has a hole"
        assert sixth[mesh.part == part].sum() > 0, "the part is inside out"


@every
def test_stands_on_the_floor(shape):
    assert abs(props.mesh_of(shape).bounds[0][2]) < 1e-6


@every
def test_is_light_finite_and_has_a_material_everywhere(shape):
    mesh = props.mesh_of(shape)
    assert len(mesh.triangles) < 20_000
    assert np.isfinite(mesh.vertices).all() and np.isfinite(mesh.uv).all()
    assert set(mesh.slots) <= set(import_module(f"simgen.props.{shape.prop}").FINISH)
    assert set(np.unique(mesh.slot)) == set(range(len(mesh.slots)))
    assert ((mesh.part >= 0) & (mesh.part < 1)).all()


@every
def test_same_arguments_same_mesh(shape):
    build = import_module(f"simgen.props.{shape.prop}").build
    once, again = (build(**dict(shape.params)) for _ in range(2))
    for field in ("vertices", "triangles", "uv", "slot", "part", "smooth"):
        assert np.array_equal(getattr(once, field), getattr(again, field))


@ours
def test_no_two_surfaces_share_a_place(shape):
    """Faces that lie in one another make the picture depend on which the ray happens to meet."""
    mesh = props.mesh_of(shape)
    facing, rng = normals(mesh), np.random.default_rng(0)
    area = np.linalg.norm(facing, axis=1)
    for chosen in rng.choice(len(area), 150, p=area / area.sum()):
        point = rng.dirichlet((1, 1, 1)) @ corners(mesh)[chosen]
        inward = -facing[chosen] / area[chosen]
        along, met = hits(mesh, point, inward)
        same = (np.abs(along) < 5e-5) & (facing[met] @ inward / area[met] < -0.999)
        others = [i for i in met[same] if mesh.part[i] != mesh.part[chosen]]
        assert not others, f"two parts at {point.round(4)} in slots {mesh.slots[mesh.slot[chosen]]}"


@every
def test_prints_are_upright_unmirrored_and_in_proportion(shape):
    mesh = props.mesh_of(shape)
    finish = import_module(f"simgen.props.{shape.prop}").FINISH
    for index, slot in enumerate(mesh.slots):
        if finish[slot].kind != "image":
            continue
        image = cv2.imread(str(assets / finish[slot].image))
        uv, solid = mesh.uv[mesh.slot == index], corners(mesh)[mesh.slot == index]
        assert uv.min() >= 0 and uv.max() <= 1
        du, dv = (uv[:, k] - uv[:, 0] for k in (1, 2))
        area = du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0]
        front = np.abs(area) > 1e-6
        assert front.any() and (area[front] > 0).all(), "mirrored"
        edges = np.stack([solid[:, 1] - solid[:, 0], solid[:, 2] - solid[:, 0]], 1)[front]
        right, up = np.linalg.solve(np.stack([du, dv], 1)[front], edges).transpose(1, 0, 2)
        to = 1 if shape.prop == "flat_print" else 2  # which lies on its back
        assert (up[:, to] > 0).all() and (np.abs(right[:, to]) < 1e-6).all(), "not upright"
        shown = np.linalg.norm(right, axis=1) / np.linalg.norm(up, axis=1)
        assert shown == pytest.approx(image.shape[1] / image.shape[0], rel=0.03)


@pytest.mark.parametrize("variant", range(8))
def test_eur_pallet_size(variant):
    mesh = props.mesh_of(Shape.of("pallet", variant=variant))
    assert mesh.size == pytest.approx([1.2, 0.8, 0.144], abs=0.003)
    assert mesh.bounds[1][2] <= 0.144 + 1e-6, "a board stands in the load"
    if variant == 0:
        assert mesh.bounds[1] == pytest.approx([0.6, 0.4, 0.144], abs=1e-6)


def test_pallet_has_the_boards_of_the_drawing():
    mesh = props.mesh_of(Shape.of("pallet", stamp=False))
    assert len(np.unique(mesh.part)) == 5 + 3 + 9 + 3
    volume = 1.2 * 0.022 * (0.635 + 0.345) + 3 * 0.145 * 0.8 * 0.022 + 0.078 * 3 * 0.145 * 0.345
    solid = corners(mesh)
    own = np.einsum("ij,ij->", solid[:, 0], np.cross(solid[:, 1], solid[:, 2])) / 6
    assert own == pytest.approx(volume, rel=0.01)


@pytest.mark.parametrize("variant", range(4))
def test_forks_enter_the_pallet_from_all_sides(variant):
    mesh = props.mesh_of(Shape.of("pallet", variant=variant))
    for side in (-1, 1):
        assert first(mesh, (-1, side * 0.19, 0.06), (1, 0, 0)) == np.inf
        assert first(mesh, (side * 0.26, -1, 0.06), (0, 1, 0)) == np.inf
    assert first(mesh, (-1, 0, 0.06), (1, 0, 0)) == pytest.approx(0.4, abs=0.008)


def test_pallets_differ_by_variant():
    one, two = (props.mesh_of(Shape.of("pallet", variant=v)).vertices for v in (1, 2))
    assert 1e-4 < np.abs(one - two).max() < 0.03


def test_pallet_boards_that_do_not_fit():
    with pytest.raises(SimgenError, match="y=0.8"):
        props.mesh_of(Shape.of("pallet", top=(0.2,) * 5))


CRATES = [
    (0.6, 0.4, 0.28),
    (0.6, 0.4, 0.147),
    (0.4, 0.3, 0.28),
    (0.4, 0.3, 0.147),
    (0.3, 0.2, 0.147),
]


@pytest.mark.parametrize("size", CRATES)
def test_crate_is_open_and_its_size_exact(size):
    mesh = props.mesh_of(Shape.of("small_load_carrier", **dict(zip("xyz", size))))
    assert mesh.size == pytest.approx(size, abs=1e-5)
    floor = 1 - first(mesh, (0.013, 0.007, 1), (0, 0, -1))
    assert 0 < floor < 0.02, "the ray down the middle meets the floor"
    assert first(mesh, (0, 0, 0.1), (1, 0, 0)) > 0.4 * size[0], "hollow to the wall"


def test_crates_stack():
    """The foot of one goes inside the rim of another."""
    mesh = props.mesh_of(Shape.of("small_load_carrier"))
    low = mesh.vertices[mesh.vertices[:, 2] < 0.011]
    opening = [first(mesh, (0.001, 0.001, 0.27), axis) for axis in np.eye(3)[:2]]
    assert (np.abs(low[:, :2]).max(0) < opening).all()


def test_stillage_size_and_see_through():
    mesh = props.mesh_of(Shape.of("stillage"))
    assert mesh.size == pytest.approx([1.24, 0.835, 0.97], abs=1e-5)
    assert len(mesh.triangles) < 8000
    xs, zs = np.random.default_rng(1).uniform((-0.5, 0.25), (0.5, 0.85), (300, 2)).T
    through = [first(mesh, (x, -1, z), (0, 1, 0)) == np.inf for x, z in zip(xs, zs)]
    assert 0.45 < np.mean(through) < 0.75  # two grids of 5 mm wire at 50 mm: (0.9 ** 2) ** 2 = 0.66
    assert first(mesh, (0.013, 0.007, 2), (0, 0, -1)) == pytest.approx(2 - 0.145, abs=0.002)


def test_stillage_flap_hangs_down():
    shut, hung = (props.mesh_of(Shape.of("stillage", flap_open=o)) for o in (False, True))
    upper = (0.013, -1, 0.905)  # where the flap's own frame is, when it is shut
    assert first(shut, upper, (0, 1, 0)) < 0.7 < first(hung, upper, (0, 1, 0))
    assert hung.size[1] < 0.85


@pytest.mark.parametrize("label", ["front", "right", "back", "left"])
def test_carton_stays_in_its_box_and_shows_its_label(label):
    mesh = props.mesh_of(Shape.of("carton", x=0.4, y=0.3, z=0.25, label=label))
    half = np.array([0.2, 0.15])
    assert (np.abs(mesh.vertices[:, :2]).max(0) <= half + 1e-6).all()
    assert mesh.size == pytest.approx([0.4, 0.3, 0.25], abs=0.0021)
    spots = corners(mesh)[mesh.slot == mesh.slots.index("label")].mean((0, 1))[:2]
    assert np.abs(spots / half).max() == pytest.approx(1, abs=0.01)
    axis, sign = {"front": (1, -1), "right": (0, 1), "back": (1, 1), "left": (0, -1)}[label]
    assert np.sign(spots[axis]) == sign


def test_carton_layers_lie_apart():
    """Label over tape over board, half a millimetre each."""
    mesh = props.mesh_of(Shape.of("carton", x=0.15, y=0.1, z=0.08, label="right", print_on=()))
    along, met = hits(mesh, (1, 0.0, 0.05), np.array([-1.0, 0, 0]))
    facing = normals(mesh)[met][:, 0] > 0
    front = [(mesh.slots[mesh.slot[i]], t) for t, i in zip(along[facing], met[facing])][:3]
    assert [slot for slot, _ in front] == ["label", "tape", "board"]
    assert np.diff([t for _, t in front]) == pytest.approx([0.0005, 0.0005], abs=1e-6)


def test_carton_side_misspelt():
    with pytest.raises(SimgenError, match="did you mean 'front'"):
        props.mesh_of(Shape.of("carton", label="frnt"))


@pytest.mark.parametrize("variant", ["steel", "plastic"])
def test_drum_size(variant):
    mesh = props.mesh_of(Shape.of("drum", variant=variant))
    assert mesh.size == pytest.approx([0.585, 0.585, 0.88], abs=0.002)
    assert np.hypot(*mesh.vertices[:, :2].T).max() < 0.2926, "nothing stands out beyond the hoops"


def test_steel_drum_lid_is_sunk_in_its_rim():
    mesh = props.mesh_of(Shape.of("drum"))
    assert 1 - first(mesh, (0.01, 0.02, 1), (0, 0, -1)) == pytest.approx(0.8655, abs=1e-4)
    assert 1 - first(mesh, (0.289, 0.0001, 1), (0, 0, -1)) > 0.87


@pytest.mark.parametrize("height", [0.5, 0.75])
def test_cone_is_banded_twice(height):
    mesh = props.mesh_of(Shape.of("traffic_cone", height=height))
    assert mesh.size == pytest.approx(np.array([0.56, 0.56, 1]) * height, abs=1e-5)
    seen = []
    for z in np.linspace(0.08, 0.98, 91) * height:
        _, met = hits(mesh, (-1, 0.0003, z), np.array([1.0, 0, 0]))
        seen.append(mesh.slots[mesh.slot[met[0]]])
    changes = [a for a, b in zip(seen, [None, *seen]) if a != b]
    assert changes == ["cone", "band", "cone", "band", "cone"]


def test_manifest_matches_the_files():
    entries = yaml.safe_load((assets / "manifest.yaml").read_text())
    files = {f.name for f in assets.iterdir() if f.name.endswith((".png", ".jpg", ".hdr", ".exr"))}
    assert files == set(entries)
    for name, entry in entries.items():
        data = (assets / name).read_bytes()
        assert entry.keys() == {"title", "license", "source", "sha256"}
        assert entry["license"] == "CC0-1.0"
        assert entry["sha256"] == sha256(data).hexdigest(), f"{name} is not what was entered"
        assert len(data) <= 40 * 1024


def test_every_named_image_is_there():
    entries = yaml.safe_load((assets / "manifest.yaml").read_text())
    finishes = [import_module(f"simgen.props.{name}").FINISH for name in props.names()]
    named_images = {m.image for finish in finishes for m in finish.values() if m.image}
    assert named_images | set(LABELS) | set(PRINTS) <= set(entries)
