import cv2
import numpy as np
import pytest

from simgen.evaluate.copies import THRESHOLD, distance, find_copies, grey
from simgen.evaluate.features import features
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.subjects import wholes
from tests.evaluate.folders_of import Tiny, folder, scene, scenes


def encoded(pixels, quality):
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)


def moved(pixels):
    """The same scene with a thing in it that lay elsewhere."""
    changed = pixels.copy()
    cv2.rectangle(changed, (60, 60), (130, 130), (250, 20, 20), -1)
    return changed


COPIES = {
    "equal": lambda p: p,
    "encoded": lambda p: encoded(p, 40),
    "scaled": lambda p: cv2.resize(p, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
    "cropped": lambda p: p[9:-14, 22:-6],
    "cropped and encoded": lambda p: encoded(p[16:, :-20], 60),
    "brighter": lambda p: (p * 0.8 + 30).astype(np.uint8),
}
OTHERS = {
    "one thing moved": moved,
    "mirrored": lambda p: p[:, ::-1],
    "another": lambda p: scene(99, 400, 300),
    "half of it": lambda p: p[:, :200],
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("seed", range(3))
def test_copies_are_told(how, seed):
    pixels = scene(seed, 400, 300)
    assert distance(grey(pixels), grey(COPIES[how](pixels))) <= THRESHOLD


@pytest.mark.parametrize("how", OTHERS)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_copy_is_not(how, seed):
    pixels = scene(seed, 400, 300)
    assert distance(grey(pixels), grey(OTHERS[how](pixels))) > 1.5 * THRESHOLD


def test_blank_pictures_are_alike():
    blank = np.full((128, 128), 90, np.uint8)
    assert distance(blank, blank) == 0
    assert distance(blank, grey(scene(0))) > THRESHOLD


def found(synthetic, real):
    rows = [
        np.concatenate(features(wholes(side), Tiny(), None, "pictures"))
        for side in (synthetic, real)
    ]
    return find_copies(synthetic, real, *rows)


def test_copies_come_first_and_each_pair_once(tmp_path):
    shots = scenes(range(30), width=320, height=240)
    real = Pictures.open(folder(tmp_path / "real", shots))
    others = scenes(range(50, 70), width=320, height=240)
    others["copy.jpg"] = shots["0007.png"][6:, :-9]
    others["twin.jpg"] = others["0052.png"]
    synthetic = Pictures.open(folder(tmp_path / "synthetic", others))
    told = found(synthetic, real)
    assert told["checked"] == 22 and told["threshold"] == THRESHOLD

    def copies(pairs):
        apart = [pair["distance"] for pair in pairs]
        assert apart == sorted(apart) and len(pairs) >= 12
        return [pair for pair in pairs if pair["distance"] <= THRESHOLD]

    (of_real,) = copies(told["synthetic_of_real"])
    assert (of_real["synthetic"], of_real["real"]) == ("copy.jpg", "0007.png")
    (of_other,) = copies(told["synthetic_of_synthetic"])
    assert {of_other["synthetic"], of_other["other"]} == {"0052.png", "twin.jpg"}


def test_all_copies_are_told_however_many(tmp_path):
    shots = scenes(range(20), width=160, height=120)
    real = Pictures.open(folder(tmp_path / "real", shots))
    told = found(real, real)["synthetic_of_real"]
    assert sum(pair["distance"] <= THRESHOLD for pair in told) == 20
    assert all(pair["synthetic"] == pair["real"] for pair in told[:20])


def test_one_picture_has_no_others(tmp_path):
    one = Pictures.open(folder(tmp_path / "one", scenes(range(1))))
    told = found(one, one)
    assert told["synthetic_of_synthetic"] == [] and len(told["synthetic_of_real"]) == 1
