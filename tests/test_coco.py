import json
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.frame import Agreement, Frame
from simgen.geometry import intrinsics, look_at, yaw
from simgen.props import keypoint_names, skeleton
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.writers.coco import Coco
from simgen.writers.images import Images
from tests import rectangles

FRAMES = (0, 3, 1234567)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def written(folder, coco: Coco, frames=FRAMES) -> COCO:
    return folded(folder, coco, [frame(index) for index in frames], rectangles.CATEGORIES)


def folded(folder, coco: Coco, frames, categories) -> COCO:
    config = rectangles.config(folder)
    dataset = Dataset.open(folder, make_card(config, categories, {}), config)
    for made in frames:
        dataset.commit(made, (Images(), coco))
    coco.finish(dataset)
    with redirect_stdout(StringIO()):
        return COCO(folder / "annotations/instances.json")


def frame(index: int):
    return rectangles.make(rectangles.Rectangles(count=12), index)


CATEGORIES = ("pallet", "carton", "ladder", "thing")
EVERY = ("amodal", "keypoints", "cuboid", "pose", "occluders")
LENS = Lens("brown_conrady", (-0.1, 0.01))


def things(index: int, **props: str) -> Frame:
    """Returns a frame of some things on a row, by category and prop; some are cut off or hidden."""
    bodies = tuple(
        Body(
            category,
            Shape.of(prop),
            (0.9 * i - 0.6 + 0.2 * index, -0.4 * i, 0.0),
            yaw(0.4 * i + index),
            (1.0, 1.0, 1.2),
            category,
        )
        for i, (category, prop) in enumerate(sorted(props.items()))
    )
    eye = (0.0, -3.5, 1.0)
    spec = SceneSpec(bodies, camera=Camera(eye, look_at(eye, (0, 0, 0.3)), 64, 48, lens=LENS))
    truth = raycast(spec)
    image = np.zeros((48, 64, 3), np.uint8)
    agreement = Agreement(1.0, None, 1.0, 0.0, 0.0)
    return Frame(index, spec, truth, annotate(spec, truth), image, agreement, "none")


def row(folder, include=EVERY) -> tuple[COCO, list[Frame]]:
    frames = [things(i, pallet="pallet", carton="carton", ladder="ladder") for i in range(4)]
    return folded(folder, Coco(include=include), frames, CATEGORIES), frames


def labels_of(coco: COCO, frames: list[Frame]):
    """Yields each annotation with the label that it was made of."""
    labels = {(f.index, label.id): label for f in frames for label in f.instances}
    assert len(coco.anns) == len(labels)
    for a in coco.anns.values():
        yield a, labels[a["image_id"], a["instance_id"]]


def test_keypoints_are_the_labels_and_are_named_by_the_category(folder):
    coco, frames = row(folder)
    seen = set()
    for a, label in labels_of(coco, frames):
        category = coco.cats[a["category_id"]]
        if label.category == "ladder":
            assert "keypoints" not in a and a["num_keypoints"] == 0
            continue
        points = np.reshape(a["keypoints"], (-1, 3))
        assert category["keypoints"] == list(keypoint_names(label.category))
        assert [p.name for p in label.keypoints] == category["keypoints"]
        assert points.tolist() == [[p.x, p.y, p.visibility] for p in label.keypoints]
        assert a["num_keypoints"] == np.count_nonzero(points[:, 2])
        seen |= set(points[:, 2])
    assert seen == {0, 1, 2}


def test_skeletons_count_from_1(folder):
    coco, _ = row(folder)
    pallet = coco.cats[1]
    lines = [tuple(pallet["keypoints"][i - 1] for i in line) for line in pallet["skeleton"]]
    assert lines == list(skeleton("pallet")) and np.min(pallet["skeleton"]) == 1


def test_categories_without_keypoints_or_objects_have_none(folder):
    coco, _ = row(folder)
    assert [("keypoints" in c, "skeleton" in c) for c in coco.dataset["categories"]] == [
        (True, True), (True, True), (False, False), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("prop", ["pallet", "carton"])
def test_cocoeval_gives_the_truth_full_marks_and_wrong_points_less(folder, prop):
    """COCOeval's own sigmas are for the 17 points of a person."""
    coco, _ = row(folder)
    category = CATEGORIES.index(prop) + 1
    exact = [{**a, "score": 1.0} for a in coco.anns.values() if a["category_id"] == category]
    wrong = [{**a, "keypoints": _shifted(a["keypoints"])} for a in exact]
    points = len(keypoint_names(prop))
    assert average_precision(coco, exact, [category], points) == 1.0
    assert average_precision(coco, wrong, [category], points) < 0.5
    of_two = average_precision(coco, exact, coco.getCatIds(), points)
    assert of_two == 0.5  # the other category with keypoints was not detected


def _shifted(keypoints):
    return [value + 20 * (i % 3 == 0) for i, value in enumerate(keypoints)]


def average_precision(coco: COCO, detections, categories: list[int], points: int) -> float:
    kept = ("image_id", "category_id", "keypoints", "score")
    with redirect_stdout(StringIO()):
        found = coco.loadRes([{key: d[key] for key in kept} for d in detections])
        evaluation = COCOeval(coco, found, "keypoints")
        evaluation.params.catIds = categories
        evaluation.params.kpt_oks_sigmas = np.full(points, 0.05)
        evaluation.params.areaRng = [[0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]
    return float(precision[precision > -1].mean())


def test_two_sets_of_keypoints_in_one_category_are_told(folder):
    frames = [things(0, thing="pallet"), things(1, thing="carton")]
    with pytest.raises(SimgenError) as error:
        folded(folder, Coco(), frames, CATEGORIES)
    assert "category 'thing' has objects of the props 'pallet' and 'carton'" in str(error.value)
    assert "writer.coco.include" in str(error.value)


def test_two_props_of_one_category_are_fine_where_their_points_are_named_alike(folder, tmp_path):
    frames = [things(0, thing="block"), things(1, thing="carton")]
    coco = folded(folder, Coco(), frames, CATEGORIES)
    assert coco.cats[4]["keypoints"] == list(keypoint_names("block"))
    frames = [things(0, thing="pallet"), things(1, thing="ladder")]
    coco = folded(tmp_path / "without", Coco(include=("amodal",)), frames, CATEGORIES)
    assert len(coco.anns) == 2 and "keypoints" not in coco.cats[4]


def test_cuboids_poses_and_occluders_are_the_labels(folder):
    coco, frames = row(folder)
    for a, label in labels_of(coco, frames):
        assert a["cuboid"] == [list(corner) for corner in label.cuboid]
        assert a["cuboid_px"] == [at if at is None else list(at) for at in label.cuboid_px]
        assert a["pose"] == {
            "position": list(label.camera_position),
            "rotation": list(label.camera_rotation),
        }
        assert a["scale"] == [1.0, 1.0, 1.2]
        assert a["area"] + sum(pixels for _, pixels in a["occluders"]) == a["amodal_area"]
    assert any(a["occluders"] for a in coco.anns.values())


ALWAYS = {
    "id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "instance_id",
    "visible_fraction", "truncation",
}  # fmt: skip
ADDED = {
    "amodal": {"amodal_bbox", "amodal_area", "amodal_segmentation"},
    "keypoints": {"keypoints", "num_keypoints"},
    "cuboid": {"cuboid", "cuboid_px"},
    "pose": {"pose", "scale"},
    "occluders": {"occluders"},
}


@pytest.mark.parametrize("include", [(), *((name,) for name in EVERY), EVERY], ids=str)
def test_annotations_have_what_was_asked_for(folder, include):
    coco = folded(folder, Coco(include=include), [things(0, pallet="pallet")], CATEGORIES)
    (annotation,) = coco.anns.values()
    assert annotation.keys() == ALWAYS.union(*(ADDED[name] for name in include))


@pytest.mark.parametrize(("include", "said"), [
    (("keypoint",), "include='keypoint' is not known; did you mean 'keypoints'?"),
    ("keypoints", "include=keypoints must be a list"),
])  # fmt: skip
def test_a_wrong_list_is_told(include, said):
    with pytest.raises(SimgenError) as error:
        Coco(include=include)
    assert str(error.value).startswith(said)


def test_every_mask_is_the_instance_map(folder):
    coco = written(folder, Coco())
    for index in FRAMES:
        truth = frame(index).truth
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[index]))
        assert {a["instance_id"] for a in annotations} == set(truth.amodal)
        for annotation in annotations:
            mask = coco.annToMask(annotation).astype(bool)
            assert (mask == (truth.instance == annotation["instance_id"])).all()


def test_area_box_and_the_rest_are_the_mask_s(folder):
    coco = written(folder, Coco())
    for annotation in coco.loadAnns(coco.getAnnIds()):
        mask = coco.annToMask(annotation)
        rows, columns = np.nonzero(mask)
        x, y = columns.min(), rows.min()
        assert annotation["bbox"] == [x, y, columns.max() + 1 - x, rows.max() + 1 - y]
        assert annotation["area"] == mask.sum()
        assert annotation["iscrowd"] == 0
        body = frame(annotation["image_id"]).spec.bodies[annotation["instance_id"] - 1]
        assert coco.cats[annotation["category_id"]]["name"] == body.category


def test_amodal_masks_hold_the_visible_ones(folder):
    coco = written(folder, Coco())
    hidden = 0
    for annotation in coco.loadAnns(coco.getAnnIds()):
        whole = {**annotation, "segmentation": annotation["amodal_segmentation"]}
        amodal = coco.annToMask(whole)
        assert (amodal >= coco.annToMask(annotation)).all()
        assert annotation["amodal_area"] == amodal.sum()
        assert annotation["visible_fraction"] == annotation["area"] / amodal.sum()
        hidden += annotation["visible_fraction"] < 1
    assert hidden


def test_ids_are_unique_and_a_frame_s_own(folder, tmp_path):
    coco = written(folder, Coco())
    ids = [annotation["id"] for annotation in coco.dataset["annotations"]]
    assert len(set(ids)) == len(ids)
    assert all(i == a["image_id"] * 65536 + a["instance_id"] for i, a in coco.anns.items())
    alone = written(tmp_path / "alone", Coco(), frames=[3])
    for i, annotation in alone.anns.items():
        assert coco.anns[i] == annotation


def test_images_and_categories(folder):
    coco = written(folder, Coco())
    assert [coco.cats[i]["name"] for i in (1, 2, 3)] == list(rectangles.CATEGORIES)
    assert set(coco.imgs) == set(FRAMES)
    image = coco.imgs[3]
    named = {key: image[key] for key in ("id", "file_name", "width", "height")}
    assert named == {"id": 3, "file_name": "000003.jpg", "width": 64, "height": 48}
    assert np.array_equal(image["intrinsics"], intrinsics(frame(3).spec.camera))
    assert image["lens"] == {"model": "pinhole", "coefficients": []}
    assert (folder / "images" / image["file_name"]).is_file()


@pytest.mark.parametrize(
    ("field", "measure"),
    [("min_visible_px", "area"), ("min_visible_fraction", "visible_fraction")],
)
def test_what_is_left_out_is_counted(folder, tmp_path, field, measure):
    every = written(tmp_path / "every", Coco()).dataset
    found = sorted(annotation[measure] for annotation in every["annotations"])
    least = found[len(found) // 3]  # one is at the threshold: it stays
    some = written(folder, Coco(**{field: least})).dataset
    assert some["annotations"] == [a for a in every["annotations"] if a[measure] >= least]
    left_out = len(every["annotations"]) - len(some["annotations"])
    assert left_out > 0
    assert some["info"]["left_out"].pop(f"below_{field}") == left_out
    assert some["info"]["annotations"] == len(some["annotations"])
    assert set(some["info"]["left_out"].values()) == {0}
    assert some["images"] == every["images"]


def test_no_licence_is_made_up(folder):
    dataset = written(folder, Coco()).dataset
    assert dataset["licenses"] == []
    assert not any("license" in image for image in dataset["images"])


def test_a_dataset_without_objects_loads(folder):
    config = rectangles.config(folder)
    dataset = Dataset.open(folder, make_card(config, rectangles.CATEGORIES, {}), config)
    Coco().finish(dataset)
    data = json.loads((folder / "annotations/instances.json").read_bytes())
    assert data["images"] == data["annotations"] == []
