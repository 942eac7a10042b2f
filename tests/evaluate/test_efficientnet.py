import numpy as np
import pytest
import torch

from simgen.errors import SimgenError
from simgen.evaluate.efficientnet import CHANNELS, EfficientNetLite0, fold, normalized, pretrained
from simgen.evaluate.weights import LITE0_SHA256, load


def test_has_as_many_parameters_as_published():
    """4.7 million with the classifier's 1,281,000 (Google's table of EfficientNet-Lite)."""
    count = sum(p.numel() for p in EfficientNetLite0().parameters())
    assert round((count + 1_281_000) / 1e6, 1) == 4.7


def test_features_have_their_strides_and_channels():
    maps = EfficientNetLite0().eval().stages(torch.zeros(1, 3, 64, 96))
    shapes = [(c, 64 // s, 96 // s) for c, s in zip(CHANNELS, (8, 16, 32))]
    assert [tuple(m.shape[1:]) for m in maps] == shapes


def test_folding_changes_no_feature():
    whole, folded = pretrained()[0], pretrained()[0]
    fold(folded)
    pixels = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3), np.uint8)
    x = normalized(torch.from_numpy(pixels))
    with torch.no_grad():
        for one, other in zip(whole.stages(x), folded.stages(x)):
            torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())


def test_knows_what_imagenet_taught_it():
    """The published classifier, on top of these features, calls a black picture the same as a
    black picture with little noise, and a chequered one something else."""
    model, weights = pretrained()
    assert weights.sha256 == LITE0_SHA256
    noise = np.random.default_rng(1).integers(0, 9, (1, 224, 224, 3)).astype(np.uint8)
    checks = np.kron(np.indices((14, 14)).sum(0) % 2, np.ones((16, 16)))[None, ..., None] * 255
    pixels = np.concatenate([0 * noise, noise, np.repeat(checks, 3, 3).astype(np.uint8)])
    with torch.no_grad():
        black, noisy, chequered = model.pooled(normalized(torch.from_numpy(pixels)))
    alike = torch.nn.functional.cosine_similarity
    assert alike(black, noisy, 0) > alike(black, chequered, 0)


def test_weights_that_are_others_are_refused(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(SimgenError, match="its SHA-256 is .* not 5793"):
        load(tmp_path / "other.pth", LITE0_SHA256)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "trapped"), "w"))

    torch.save(Trap(), tmp_path / "trap.pth")
    with pytest.raises(SimgenError, match="holds no plain tensors"):
        load(tmp_path / "trap.pth")
    assert not (tmp_path / "trapped").exists()
