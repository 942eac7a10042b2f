"""Against what is published of the weights' file, torchvision's model and TensorFlow's resizing."""

from hashlib import sha256

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.evaluate import fid_features
from simgen.evaluate.fid_features import InceptionFeatures, downloaded, resized
from simgen.evaluate.inception import Inception

# Of torchvision's inception_v3, which the file's tensors are named by.
SHAPES = {
    "Conv2d_1a_3x3.conv.weight": (32, 3, 3, 3),
    "Conv2d_4a_3x3.bn.running_var": (192,),
    "Mixed_5b.branch5x5_2.conv.weight": (64, 48, 5, 5),
    "Mixed_5d.branch_pool.conv.weight": (64, 288, 1, 1),
    "Mixed_6a.branch3x3.conv.weight": (384, 288, 3, 3),
    "Mixed_6a.branch3x3dbl_3.conv.weight": (96, 96, 3, 3),
    "Mixed_6b.branch7x7_2.conv.weight": (128, 128, 1, 7),
    "Mixed_6b.branch7x7_3.conv.weight": (192, 128, 7, 1),
    "Mixed_6d.branch7x7dbl_4.conv.weight": (160, 160, 7, 1),
    "Mixed_7a.branch7x7x3_4.bn.num_batches_tracked": (),
    "Mixed_7c.branch3x3dbl_3b.conv.weight": (384, 384, 3, 1),
    "fc.weight": (1008, 2048),
}
# Szegedy et al. 2016, table 1, and torchvision's comments on its forward pass: channels, side.
STAGES = {
    "Conv2d_1a_3x3": (32, 149),
    "Conv2d_2a_3x3": (32, 147),
    "Conv2d_2b_3x3": (64, 147),
    "Conv2d_3b_1x1": (80, 73),
    "Conv2d_4a_3x3": (192, 71),
    "Mixed_5b": (256, 35),
    "Mixed_5d": (288, 35),
    "Mixed_6a": (768, 17),
    "Mixed_6e": (768, 17),
    "Mixed_7a": (1280, 8),
    "Mixed_7c": (2048, 8),
}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Inception().eval()


def test_tensors_are_those_of_the_published_file(model):
    state = model.state_dict()
    assert len(state) == 566
    assert {name: tuple(state[name].shape) for name in SHAPES} == SHAPES
    size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    assert 0 < 95_628_359 - size < 200 * len(state)  # the file's bytes less what names take


def test_there_are_as_many_parameters_as_in_torchvision(model):
    auxiliary = 768 * 128 + 2 * 128 + 128 * 768 * 25 + 2 * 768 + 769 * 1000
    of_fc = (2048 + 1) * (1008 - 1000)
    expected = 27_161_264 - auxiliary + of_fc  # with 1000 classes and an auxiliary head
    assert sum(p.numel() for p in model.parameters()) == expected


@torch.inference_mode()
def test_stages_have_the_published_shapes(model):
    seen = {}
    hooks = [
        module.register_forward_hook(lambda m, i, out, name=name: seen.update({name: out.shape}))
        for name, module in model.named_children()
    ]
    assert model(torch.rand(1, 3, 299, 299) * 2 - 1).shape == (1, 2048)
    for hook in hooks:
        hook.remove()
    assert {name: (seen[name][1], seen[name][2]) for name in STAGES} == STAGES
    assert "fc" not in seen


def test_average_pools_do_not_count_the_padding_and_the_last_takes_maxima(model):
    ones = torch.ones(1, 4, 5, 5)
    assert (model.Mixed_7b.pool(ones) == 1).all()
    peak = torch.zeros(1, 1, 5, 5)
    peak[0, 0, 2, 2] = 9
    assert model.Mixed_7c.pool(peak)[0, 0, 1:4, 1:4].eq(9).all()
    assert model.Mixed_7b.pool(peak)[0, 0, 2, 2] == 1


def slow(picture, size):
    """ResizeBilinear of TensorFlow 1 with align_corners and half_pixel_centers off."""
    height, width = picture.shape[:2]
    found = np.zeros((size, size, 3))
    for r in range(size):
        for c in range(size):
            y, x = r * height / size, c * width / size
            top, left = int(y), int(x)
            bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
            rows = [
                picture[row, left] * (1 - x + left) + picture[row, right] * (x - left)
                for row in (top, bottom)
            ]
            found[r, c] = rows[0] * (1 - y + top) + rows[1] * (y - top)
    return found


@settings(max_examples=15)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 13))
def test_resizing_is_tensorflows(height, width, size):
    picture = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    found = resized(picture, size)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, slow(picture.astype(float), size), atol=1e-2)


def test_resizing_takes_no_half_pixels_and_no_averages():
    ramp = np.arange(0, 200, 2, dtype=np.uint8)[None, :, None].repeat(3, 0).repeat(3, 2)
    np.testing.assert_allclose(resized(ramp, 50)[0, :, 0], np.arange(0, 200, 4))


@pytest.fixture
def weights(model, tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    torch.save(model.state_dict(), path)
    monkeypatch.setattr(fid_features, "SHA256", sha256(path.read_bytes()).hexdigest())
    return path


def test_features_of_pictures_by_a_file_of_weights(weights, model):
    network = InceptionFeatures(str(weights))
    assert network.weights_sha256 == fid_features.SHA256
    pictures = np.random.default_rng(0).integers(0, 256, (2, 30, 40, 3), np.uint8)
    batch = np.stack([network.prepare(p) for p in pictures])
    assert batch.shape == (2, 299, 299, 3)
    found = network(batch)
    assert found.shape == (2, network.dims) and found.dtype == np.float32
    with torch.inference_mode():
        direct = model(torch.from_numpy(batch).permute(0, 3, 1, 2) / 128 - 1)
    np.testing.assert_allclose(found, direct.numpy(), rtol=1e-3, atol=1e-4)


def test_other_weights_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"something else")
    with pytest.raises(SimgenError, match="SHA-256 is .*, not 6726825d0af5f729"):
        InceptionFeatures(str(path))
    assert len(fid_features.SHA256) == 64 and fid_features.SHA256[:8] in fid_features.FILE


class Answer:
    def __init__(self, content):
        self.content = content

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def read(self, most):
        return self.content[:most]


def test_weights_are_fetched_once(tmp_path, monkeypatch):
    asked = []

    def answer(url, timeout):
        asked.append(url)
        return Answer(b"weights")

    monkeypatch.setattr(fid_features, "urlopen", answer)
    monkeypatch.setattr(fid_features, "SHA256", sha256(b"weights").hexdigest())
    for _ in range(2):
        assert downloaded(tmp_path / "cache").read_bytes() == b"weights"
    assert len(asked) == 1 and asked[0].startswith("https://github.com/mseitzer/pytorch-fid/")


def test_offline_says_what_to_do(tmp_path, monkeypatch):
    def fail(url, timeout):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(fid_features, "urlopen", fail)
    with pytest.raises(SimgenError, match="Network is unreachable.*weights=") as error:
        downloaded(tmp_path)
    assert "\n" not in str(error.value)


def test_a_wrong_download_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(fid_features, "urlopen", lambda url, timeout: Answer(b"<html>"))
    with pytest.raises(SimgenError, match="is another file"):
        downloaded(tmp_path)
    assert not list(tmp_path.rglob("*.pth"))
