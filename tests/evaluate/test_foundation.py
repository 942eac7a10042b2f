import json
import sys

import numpy as np
import pytest
import torch

from simgen.errors import SimgenError
from simgen.evaluate.foundation import FoundationFeatures
from tests.evaluate.folders_of import scene

transformers = pytest.importorskip("transformers")

LAYERS = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
VISION = LAYERS | {"num_attention_heads": 2, "image_size": 28, "patch_size": 14}


@pytest.fixture
def clip(tmp_path):
    torch.manual_seed(0)
    text = LAYERS | {"num_attention_heads": 2, "vocab_size": 9}
    config = transformers.CLIPConfig(text_config=text, vision_config=VISION, projection_dim=12)
    model = transformers.CLIPModel(config).eval()
    model.save_pretrained(tmp_path / "Tiny-CLIP")
    said = {"do_center_crop": True, "crop_size": {"height": 28, "width": 28}}
    said |= {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
    (tmp_path / "Tiny-CLIP" / "preprocessor_config.json").write_text(json.dumps(said))
    return tmp_path / "Tiny-CLIP", model


@pytest.fixture
def dino(tmp_path):
    torch.manual_seed(0)
    model = transformers.Dinov2Model(transformers.Dinov2Config(**VISION)).eval()
    model.save_pretrained(tmp_path / "dino")
    return tmp_path / "dino", model


def batch(network):
    return np.stack([network.prepare(scene(n)) for n in range(3)])


@torch.inference_mode()
def test_clip_gives_its_picture_embedding(clip):
    network = FoundationFeatures(str(clip[0]))
    assert (network.name, network.size, network.dims) == ("tiny_clip", 28, 12)
    pixels = (batch(network) / 255 - [0.5, 0.4, 0.3]) / [0.2, 0.3, 0.4]
    pixels = torch.from_numpy(pixels.transpose(0, 3, 1, 2)).float()
    model = clip[1]
    pooled = model.vision_model(pixel_values=pixels).pooler_output
    expected = model.visual_projection(pooled).numpy()
    found = network(batch(network))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


@torch.inference_mode()
def test_dino_gives_its_class_token(dino):
    network = FoundationFeatures(str(dino[0]))
    assert (network.name, network.size, network.dims) == ("dino", 28, 16)
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    pixels = torch.from_numpy(((batch(network) / 255 - mean) / std).transpose(0, 3, 1, 2)).float()
    expected = dino[1](pixel_values=pixels).last_hidden_state[:, 0].numpy()
    np.testing.assert_allclose(network(batch(network)), expected, atol=1e-5)


def test_the_checksum_is_the_weights(dino):
    first = FoundationFeatures(str(dino[0])).weights_sha256
    assert len(first) == 64
    with torch.no_grad():
        dino[1].layernorm.weight += 1
    dino[1].save_pretrained(dino[0])
    assert FoundationFeatures(str(dino[0])).weights_sha256 != first


def test_pickles_are_not_opened(dino):
    torch.save(dino[1].state_dict(), dino[0] / "pytorch_model.bin")
    (dino[0] / "model.safetensors").unlink()
    with pytest.raises(SimgenError, match="model=.* cannot be loaded") as error:
        FoundationFeatures(str(dino[0]))
    assert "\n" not in str(error.value)


def test_code_of_a_model_is_not_run(dino):
    config = json.loads((dino[0] / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {n: "mine.M" for n in ("AutoConfig", "AutoModel")}}
    (dino[0] / "config.json").write_text(json.dumps(config))
    (dino[0] / "mine.py").write_text("raise SystemExit('it ran')\n")
    with pytest.raises(SimgenError, match="cannot be loaded"):
        FoundationFeatures(str(dino[0]))


def test_without_transformers_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SimgenError, match="pip install transformers"):
        FoundationFeatures("facebook/dinov2-small")


def test_a_model_that_is_not_to_be_had(monkeypatch):
    import huggingface_hub

    def fail(*_, **__):
        raise OSError("offline\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(SimgenError, match=r"hub does not give it \(offline\)"):
        FoundationFeatures("someone/something")
