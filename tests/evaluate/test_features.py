import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.evaluate import features as module
from simgen.evaluate.feature_cache import FeatureCache
from simgen.evaluate.features import EfficientNetFeatures, features, resized
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.subjects import MARGIN, Subject, objects, wholes
from tests.evaluate.folders_of import Tiny, folder, scene, scenes


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def of(subjects, network, cache=None):
    return features(subjects, network, cache, "pictures")


def test_each_picture_gets_its_own_whatever_the_batches(tmp_path, monkeypatch):
    pictures = Pictures.open(folder(tmp_path / "a", scenes(range(11))))
    found = np.concatenate(of(wholes(pictures), Tiny()))
    for picture, row in zip(pictures.pictures, found):
        np.testing.assert_array_equal(row, resized(picture.read(), 4).ravel() / np.float32(255))
    monkeypatch.setattr(module, "_BATCH", 3)
    monkeypatch.setattr(module, "_AHEAD", 1)
    np.testing.assert_array_equal(np.concatenate(of(wholes(pictures), Tiny())), found)


def test_sizes_and_grey_pictures_may_be_mixed(tmp_path):
    pixels = {f"{n}.png": scene(n, 40 + 30 * n, 200 - 20 * n) for n in range(5)}
    pixels["grey.png"] = scene(9)[:, :, 0]
    pixels["dot.png"] = scene(9)[:1, :1]
    pictures = Pictures.open(folder(tmp_path / "a", pixels))
    found = np.concatenate(of(wholes(pictures), Tiny()))
    assert found.shape == (7, 48)
    grey = found[[p.name for p in pictures.pictures].index("grey.png")].reshape(16, 3)
    assert (grey == grey[:, :1]).all()


def test_resizing_averages_and_keeps_a_flat_colour():
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    picture = np.repeat(checks[:, :, None], 3, 2).astype(np.uint8)
    assert abs(resized(picture, 8).astype(int) - 127).max() <= 1
    for shape in ((5, 700, 3), (700, 5, 3), (3, 3, 3), (224, 224, 3)):
        assert (resized(np.full(shape, 77, np.uint8), 224) == 77).all()


def test_objects_are_cut_out_with_a_margin_and_inside_the_picture(tmp_path):
    pixels = {"a.png": scene(1), "b.png": scene(2)}
    boxes = {"a.png": [(20, 30, 40, 20), (100, 70, 60, 60), (5, 5, 3, 40)]}
    pictures = Pictures.open(folder(tmp_path / "a", pixels, boxes))
    (subject,) = objects(pictures, 10, np.random.default_rng(0))
    assert len(subject.boxes) == 2  # one is too small
    first, second = subject.read()
    np.testing.assert_array_equal(first, pixels["a.png"][28:52, 16:64])
    np.testing.assert_array_equal(second, pixels["a.png"][64:90, 94:120])
    assert MARGIN == 0.1


def test_objects_outside_of_their_picture_have_no_features(tmp_path):
    boxes = {"0000.png": [(500, 500, 40, 40), (10, 10, 30, 30)], "0001.png": [(-90, 0, 60, 50)]}
    pictures = Pictures.open(folder(tmp_path / "a", scenes(range(2)), boxes))
    found = of(objects(pictures, 10, np.random.default_rng(0)), Tiny())
    assert sorted(map(len, found)) == [0, 1]


def test_there_are_at_most_so_many_objects_and_the_seed_draws_them(tmp_path):
    boxes = {f"{n:04d}.png": [(10, 10, 20 + i, 20) for i in range(4)] for n in range(6)}
    pictures = Pictures.open(folder(tmp_path / "a", scenes(range(6)), boxes))

    def drawn(seed):
        chosen = objects(pictures, 10, np.random.default_rng(seed))
        assert sorted(len(subject.boxes) for subject in chosen) == [2, 4, 4]
        return [subject.picture.name for subject in chosen]

    assert drawn(0) == drawn(0)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1


def test_a_damaged_picture_is_named(tmp_path):
    root = folder(tmp_path / "a", scenes(range(3)))
    (root / "0001.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(SimgenError, match=r"0001\.png.*no picture") as error:
        of(wholes(Pictures.open(root)), Tiny())
    assert "\n" not in str(error.value)


def test_features_that_are_no_numbers_are_told_with_the_picture(tmp_path):
    class Broken(Tiny):
        def __call__(self, batch):
            found = super().__call__(batch)
            found[-1, 3] = np.nan
            return found

    pictures = Pictures.open(folder(tmp_path / "a", scenes(range(3))))
    cache = FeatureCache.of(Tiny())
    with pytest.raises(SimgenError, match=r"0002\.png: tiny .* no numbers"):
        of(wholes(pictures), Broken(), cache)
    assert not list(cache.root.rglob("*.npz"))


def test_what_was_done_before_a_stop_is_not_done_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 4)
    root = folder(tmp_path / "a", scenes(range(10)))
    damaged = (root / "0009.png").read_bytes()
    (root / "0009.png").write_bytes(b"")
    with pytest.raises(SimgenError):
        of(wholes(Pictures.open(root)), Tiny(), FeatureCache.of(Tiny()))
    (root / "0009.png").write_bytes(damaged)
    network = Tiny()
    found = of(wholes(Pictures.open(root)), network, FeatureCache.of(network))
    assert network.seen < 10
    np.testing.assert_array_equal(found, of(wholes(Pictures.open(root)), Tiny()))


def test_equal_pictures_are_seen_once_and_get_the_same_bits(tmp_path):
    pixels = scene(1)
    root = folder(tmp_path / "a", {"a.png": pixels, "b.png": pixels, "c.png": scene(2)})
    network = Tiny()
    found = of(wholes(Pictures.open(root)), network)
    assert network.seen == 2
    assert found[0].tobytes() == found[1].tobytes() != found[2].tobytes()


def test_a_full_disk_costs_the_cache_alone(tmp_path, monkeypatch, caplog):
    def full(self, found):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FeatureCache, "put", full)
    monkeypatch.setattr(module, "_BATCH", 2)
    pictures = Pictures.open(folder(tmp_path / "a", scenes(range(6))))
    assert len(of(wholes(pictures), Tiny(), FeatureCache.of(Tiny()))) == 6
    assert caplog.text.count("No space left") == 1


def test_efficientnet_is_the_published_one(tmp_path):
    network = EfficientNetFeatures()
    assert network.weights_sha256.startswith("57934424")
    batch = np.stack([network.prepare(scene(n)) for n in range(2)])
    found = network(batch)
    assert found.shape == (2, network.dims) and found.dtype == np.float32
    assert (found >= 0).all() and (found <= 6).all()  # ReLU6, averaged
    np.testing.assert_allclose(network(batch[1:]), found[1:], atol=1e-4)


def test_subjects_differ_by_content_and_boxes(tmp_path):
    root = folder(tmp_path / "a", {"a.png": scene(1), "b.png": scene(1), "c.png": scene(2)})
    a, b, c = Pictures.open(root).pictures
    box = np.array([[1, 2, 30, 40]], np.float32)
    subjects = Subject(a), Subject(c), Subject(a, box), Subject(a, box + 1)
    assert len({subject.key for subject in subjects}) == 4
    assert Subject(b).key == Subject(a).key
