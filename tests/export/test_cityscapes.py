"""Cityscapes' maps, read back by its own rules and, where they are installed, its own scripts."""

import json
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.card import Category
from simgen.errors import SimgenError
from simgen.export.cityscapes import GROUPED, NO_PNG, Cityscapes
from simgen.export.linked import Linked
from simgen.export.sample import Label, Sample
from simgen.frame import Rle
from simgen.spec import Camera
from simgen.truth.rle import encode
from simgen.writers.images import Images
from tests.export.posed import block, dataset, exported, painted, samples, scene

CUT = scene(
    block((-0.4, 0, 0)),
    block((0.4, 0.5, 0), category="traffic cone"),
    block((0, 1, 0), category="block"),
    block((1.9, 0, 0), category="mug"),  # cut off by the picture
    block((-0.38, -1, 0), size=(0.05, 0.05, 0.9), category=""),  # splits the first in two
)


def read(out, kind, frame=0, split="train"):
    path = out / f"gtFine/{split}/synthetic/synthetic_000000_{frame:06d}_gtFine_{kind}.png"
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def decoded(instances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class and number of each pixel by the rule of instance.py; -1 where there is no number."""
    return (
        np.where(instances < 1000, instances, instances // 1000),
        np.where(instances < 1000, -1, instances.astype(int) % 1000),
    )


def test_the_maps_hold_every_object(tmp_path):
    made = dataset(tmp_path / "made", [CUT, scene()])
    assert not exported(made, Cityscapes(), tmp_path / "out", ["train", "val"])
    labels, instances = (read(tmp_path / "out", kind) for kind in ("labelIds", "instanceIds"))
    assert labels.dtype == np.uint8 and instances.dtype == np.uint16
    classes, numbers = decoded(instances)
    assert np.array_equal(classes, labels)
    truth = painted(0, CUT).truth.instance
    ids, seen = {name: i for i, name in enumerate(made.categories, 1)}, {}
    for label in samples(made)[0].labels:
        number = seen.setdefault(label.category, 0)
        seen[label.category] += 1
        mine = (classes == ids[label.category]) & (numbers == number)
        assert np.array_equal(mine, truth == label.id)
    assert seen == {"block": 2, "traffic cone": 1, "mug": 1}
    assert np.array_equal(labels == 0, ~np.isin(truth, [1, 2, 3, 4]))
    assert not read(tmp_path / "out", "instanceIds", 1, "val").any()


@pytest.mark.parametrize("background, shift, rest", [("class", 0, 0), ("ignored", 1, 255)])
def test_train_ids_colours_and_labels_agree(tmp_path, background, shift, rest):
    made = dataset(tmp_path / "made", [CUT])
    exported(made, Cityscapes(background), tmp_path / "out")
    labels = json.loads((tmp_path / "out/labels.json").read_text())
    assert [label["name"] for label in labels] == ["unlabeled", "block", "mug", "traffic cone"]
    ids, train = (read(tmp_path / "out", kind) for kind in ("labelIds", "labelTrainIds"))
    assert np.array_equal(train, np.where(ids == 0, rest, ids - np.uint8(shift)))
    assert [label["trainId"] for label in labels] == [rest, *(i - shift for i in (1, 2, 3))]
    assert [label["ignoreInEval"] for label in labels] == [rest == 255, False, False, False]
    color = read(tmp_path / "out", "color")[:, :, ::-1]
    assert np.array_equal(color, np.array([label["color"] for label in labels], np.uint8)[ids])
    assert len({tuple(label["color"]) for label in labels}) == 4


def test_cityscapes_own_scripts_read_it(tmp_path, monkeypatch):
    needed = "pip install --no-deps cityscapesscripts pyquaternion pillow"
    reader = pytest.importorskip(
        "cityscapesscripts.evaluation.instances2dict", reason=needed, exc_type=ImportError
    )
    made = dataset(tmp_path / "made", [CUT])
    exported(made, Cityscapes(), tmp_path / "out")
    labels = [SimpleNamespace(**e) for e in json.loads((tmp_path / "out/labels.json").read_text())]
    monkeypatch.setattr(reader, "labels", labels)
    monkeypatch.setattr(reader, "id2label", {label.id: label for label in labels})
    name = "gtFine/train/synthetic/synthetic_000000_000000_gtFine_instanceIds.png"
    (found,) = reader.instances2dict([str(tmp_path / "out" / name)]).values()
    counts = {kind: [each["pixelCount"] for each in each_kind] for kind, each_kind in found.items()}
    (sample,) = samples(made)
    areas = {
        kind: [label.area for label in sample.labels if label.category == kind]
        for kind in made.categories
    }
    assert {kind: counts[kind] for kind in areas} == areas
    assert counts["unlabeled"] == [64 * 96 - sum(map(sum, areas.values()))]
    from cityscapesscripts.helpers.csHelpers import getCsFileInfo

    about = getCsFileInfo(name)
    assert (about.city, about.frameNb, about.type, about.type2, about.ext) == (
        *("synthetic", "000000", "gtFine", "instanceIds", "png"),
    )


def spots(categories: list[int], width: int = 64, height: int = 48) -> Sample:
    """A picture in which object i of these is pixel i, row by row."""
    labels = []
    for i, category in enumerate(categories):
        y, x = divmod(i, width)
        mask = encode(np.ones((1, 1), bool), x, y, (height, width))
        labels.append(_label(i + 1, category, (x, y, 1, 1), mask))
    names = tuple(Category(i, f"kind {i}") for i in range(1, max(categories, default=1) + 1))
    camera = Camera(width=width, height=height)
    return Sample(None, 3, 0, names, camera, Linked("images/a.png"), labels=tuple(labels))


def _label(i: int, category: int, box, mask: Rle) -> Label:
    none = {
        **{"visible_fraction": 1.0, "truncation": 0.0, "position": (0, 0, 0), "scale": (1, 1, 1)},
        **{"rotation": (1, 0, 0, 0), "camera_position": (0, 0, 1), "camera_rotation": (1, 0, 0, 0)},
    }
    masks = {"mask": mask, "amodal_mask": mask, "box": box, "amodal_box": box}
    whole = {"area": 1, "amodal_area": 1, "cuboid": ()}
    return Label(i, f"kind {category}", **masks, **whole, **none, category_id=category)


def maps(sample: Sample) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    part = Cityscapes().convert(sample, "train")
    images = {
        path.split("_")[-1]: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        for path, data in part.files.items()
        if path.startswith("gtFine")
    }
    return images["labelIds.png"], images["instanceIds.png"], part.lost


@settings(max_examples=30)
@given(st.lists(st.integers(1, 64), max_size=200))
def test_class_and_object_come_back_from_the_ids(categories):
    labels, instances, lost = maps(spots(categories))
    classes, numbers = decoded(instances.ravel()[: len(categories)])
    assert classes.tolist() == categories == labels.ravel()[: len(categories)].tolist()
    seen: dict[int, int] = {}
    for category, number in zip(categories, numbers.tolist()):
        assert number == seen.get(category, 0)
        seen[category] = number + 1
    assert not instances.ravel()[len(categories) :].any() and not any(lost.values())


def test_objects_beyond_a_thousand_are_a_group_and_counted():
    labels, instances, lost = maps(spots([64] * 1003 + [1]))
    flat = instances.ravel()
    assert flat[:1000].tolist() == list(range(64000, 65000))
    assert flat[1000:1004].tolist() == [64, 64, 64, 1000] and lost[GROUPED] == 3
    assert (labels.ravel()[:1003] == 64).all()


def test_too_many_categories_are_told():
    with pytest.raises(SimgenError, match="room for 64 categories, and the dataset has 65"):
        maps(spots([65]))


def test_pictures_are_named_as_readers_look_for_them(tmp_path):
    made = dataset(tmp_path / "made", [CUT], first=42)
    exported(made, Cityscapes(), tmp_path / "out", ["test"])
    found = tmp_path / "out/leftImg8bit/test/synthetic/synthetic_000000_000042_leftImg8bit.png"
    assert found.read_bytes() == (tmp_path / "made/images/000042.png").read_bytes()
    jpeg = dataset(tmp_path / "jpeg", [CUT], (Images("jpg"),))
    assert exported(jpeg, Cityscapes(), tmp_path / "third") == {NO_PNG: 1}
    right = replace(spots([1]), files={"images_right": "images_right/a.png"})
    part = Cityscapes().convert(right, "val")
    name = "rightImg8bit/val/synthetic/synthetic_000000_000003_rightImg8bit.png"
    assert part.files[name] == Linked("images_right/a.png")


def test_a_wrong_option_is_told():
    with pytest.raises(SimgenError, match="background='void'"):
        Cityscapes("void")
