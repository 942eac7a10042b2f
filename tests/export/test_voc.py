"""Pascal VOC as supervision reads it, and its marks in closed form."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.export.splits import Splits
from simgen.export.voc import Voc
from tests.export.drawn import dataset, exported, label, sample, samples


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made") / "data", 8)


def test_supervision_gives_every_box_back(made, tmp_path):
    supervision = pytest.importorskip("supervision")
    exported(made, tmp_path / "out", Voc())
    of = supervision.DetectionDataset.from_pascal_voc(
        str(tmp_path / "out/JPEGImages"), str(tmp_path / "out/Annotations")
    )
    for path, _, found in of:
        truth = samples(made)[int(Path(path).stem)]
        assert len(found) == len(truth.labels)
        for i, each in enumerate(truth.labels):
            x, y, w, h = each.box
            assert tuple(found.xyxy[i]) == (x, y, x + w, y + h)
            assert of.classes[found.class_id[i]] == each.category


def test_the_lists_of_the_splits(made, tmp_path):
    splits = Splits((0.5, 0.3, 0.2))
    exported(made, tmp_path / "out", Voc(), splits)
    wanted = {name: [] for name in ("train", "val", "test")}
    for number in range(8):
        wanted[splits.of(made.card.seed, number)].append(f"{number:06d}")
    wanted["trainval"] = sorted(wanted["train"] + wanted["val"])
    for path in (tmp_path / "out/ImageSets/Main").iterdir():
        assert path.read_text().split() == wanted.pop(path.stem)
    assert not any(wanted.values()), "a split without a frame has no file"


def written(*labels, voc=Voc(), width=100, height=80):  # noqa: B008
    part = voc.convert(sample(labels, width, height), "train")
    return ElementTree.fromstring(part.files["Annotations/000000.xml"])


def marks(mask, whole, **changes):
    """Returns truncated, occluded and difficult."""
    (element,) = written(label(mask, whole, **changes)).findall("object")
    return tuple(int(element.findtext(n)) for n in ("truncated", "occluded", "difficult"))


def block(rows, columns):
    mask = np.zeros((80, 100), bool)
    mask[rows, columns] = True
    return mask


WHOLE = block(np.s_[10:60], np.s_[20:70])


@given(st.integers(0, 90), st.integers(0, 70), st.integers(1, 10), st.integers(1, 10))
def test_boxes_count_from_one_and_hold_their_last_pixel(x, y, w, h):
    (box,) = written(label(block(np.s_[y : y + h], np.s_[x : x + w]))).iter("bndbox")
    low, high = (box.findtext("xmin"), box.findtext("ymin")), (box.findtext("xmax"), box[3].text)
    assert tuple(map(int, low)) == (x + 1, y + 1)
    assert tuple(map(int, high)) == (x + w, y + h)
    assert int(box.findtext("xmax")) - int(box.findtext("xmin")) + 1 == w


def test_a_whole_object_has_no_mark():
    assert marks(WHOLE, WHOLE) == (0, 0, 0)


@pytest.mark.parametrize(("cut", "truncated"), [(7, 0), (8, 1)])
def test_hidden_outside_the_box_is_truncated(cut, truncated):
    """7 of 50 columns are 14 %, 8 are 16 %; nothing inside the box is hidden."""
    shown = WHOLE & (np.arange(100) >= 20 + cut)
    assert marks(shown, WHOLE) == (truncated, 0, 0)


@pytest.mark.parametrize(("share", "truncated"), [(0.14, 0), (0.16, 1)])
def test_outside_the_picture_is_truncated(share, truncated):
    assert marks(WHOLE, WHOLE, truncation=share) == (truncated, 0, 0)


@pytest.mark.parametrize(("hidden", "occluded"), [(124, 0), (126, 1)])
def test_hidden_inside_the_box_is_occluded(hidden, occluded):
    """Of 2,500 pixels, 5 % are 125; the box stays the same."""
    shown = WHOLE.copy()
    inner = np.argwhere(block(np.s_[20:50], np.s_[30:60]))[:hidden]
    shown[tuple(inner.T)] = False
    assert (WHOLE & ~shown).sum() == hidden
    assert marks(shown, WHOLE) == (0, occluded, 0)


def test_little_of_an_object_is_difficult():
    assert marks(block(np.s_[10:20], np.s_[20:70]), WHOLE)[2] == 0, "a fifth"
    assert marks(block(np.s_[10:19], np.s_[20:70]), WHOLE)[2] == 1
    small = block(np.s_[10:15], np.s_[10:16])
    assert marks(small, small)[2] == 0
    small[10, 10] = False
    assert marks(small, small)[2] == 1


def test_names_are_escaped_and_empty_frames_have_a_file():
    odd = sample([label(WHOLE, category="<nut & bolt>")], 100, 80)
    part = Voc().convert(odd, "train")
    root = ElementTree.fromstring(part.files["Annotations/000000.xml"])
    assert root.findtext("object/name") == "<nut & bolt>"
    assert part.lost == {"pictures that are no JPEG, which some readers expect (image=jpg)": 1}
    root = written()
    assert root.findall("object") == [] and root.findtext("size/width") == "100"


def test_a_name_that_xml_has_no_characters_for_leaves_a_sound_file():
    odd = sample([label(WHOLE, category="nut\x01\x1f\ufffe\u00e9\U0001f529")], 100, 80)
    data = Voc().convert(odd, "train").files["Annotations/000000.xml"]
    name = ElementTree.fromstring(data).findtext("object/name")
    assert name == "nut\ufffd\ufffd\ufffd\u00e9\U0001f529"


@pytest.mark.parametrize("options", [{"truncated_above": 2}, {"difficult_px": 1.5}])
def test_options_that_make_no_sense(options):
    with pytest.raises(SimgenError, match=f"^{next(iter(options))}="):
        Voc(**options)
