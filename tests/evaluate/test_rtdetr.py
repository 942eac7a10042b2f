import json
import sys

import numpy as np
import pytest
import torch

from simgen.errors import SimgenError
from simgen.evaluate.efficientnet import normalized
from simgen.evaluate.rtdetr import FAMILIES, RtDetr

transformers = pytest.importorskip("transformers")
SIDE, CLASSES = 64, 2
SMALL = dict(
    encoder_hidden_dim=16,
    encoder_in_channels=[16, 24, 32],
    encoder_ffn_dim=32,
    encoder_attention_heads=2,
    d_model=16,
    num_queries=20,
    decoder_in_channels=[16, 16, 16],
    decoder_ffn_dim=32,
    decoder_layers=2,
    decoder_attention_heads=2,
    num_denoising=10,
    num_labels=3,
)
STAGES = dict(
    embedding_size=8,
    hidden_sizes=[8, 16, 24, 32],
    depths=[1, 1, 1, 1],
    out_features=["stage2", "stage3", "stage4"],
)


def tiny(family):
    """Returns a model of the family with weights drawn at random."""
    if family == "d_fine":
        backbone = transformers.HGNetV2Config(
            **STAGES,
            stem_channels=[3, 8, 8],
            stage_in_channels=[8, 8, 16, 24],
            stage_mid_channels=[4, 4, 8, 8],
            stage_out_channels=[8, 16, 24, 32],
            stage_num_blocks=[1] * 4,
            stage_numb_of_layers=[1] * 4,
        )
        config = transformers.DFineConfig(
            backbone_config=backbone, decoder_n_points=[2, 2, 2], **SMALL
        )
    else:
        backbone = transformers.RTDetrResNetConfig(**STAGES, layer_type="basic")
        kind = {"rt_detr": "RTDetrConfig", "rt_detr_v2": "RTDetrV2Config"}[family]
        config = getattr(transformers, kind)(backbone_config=backbone, **SMALL)
    return transformers.AutoModelForObjectDetection.from_config(config)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    for family in FAMILIES:
        tiny(family).save_pretrained(root / family)
    return root


@pytest.fixture
def detector(folders):
    torch.manual_seed(0)
    return RtDetr(str(folders / "rt_detr_v2"), "cpu").new(CLASSES)


def batch():
    """A white square on black as kind 0, a black picture without anything."""
    pixels = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    pixels[0, 16:48, 8:40] = 255
    box, none = torch.tensor([[8.0, 16.0, 40.0, 48.0]]), torch.zeros(0, 4)
    kinds = torch.tensor([0]), torch.zeros(0, dtype=torch.int64)
    return normalized(torch.from_numpy(pixels)), [(box, kinds[0]), (none, kinds[1])]


def learn(model, steps, rate=0.1):
    images, targets = batch()
    groups = [{"params": g["params"], "lr": rate * g["pace"]} for g in model.parameter_groups()]
    optimizer = torch.optim.AdamW(groups)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model.loss(images, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_learns_and_detects(folders, family, capfd):
    kind = RtDetr(str(folders / family), "cpu")
    torch.manual_seed(0)
    model = kind.new(CLASSES).train()
    losses = learn(model, 8)
    assert np.isfinite(losses).all() and np.mean(losses[-3:]) < 0.8 * np.mean(losses[:3])
    found = model.eval().detect(batch()[0], least=0.0)
    assert [tuple(map(tuple, (each.shape for each in one))) for one in found] == [
        ((40, 4), (40,), (40,))
    ] * 2
    for boxes, scores, labels in found:
        assert boxes.dtype == torch.float32 and set(labels.tolist()) <= {0, 1}
        assert (scores.diff() <= 0).all() and (boxes[:, 2:] >= boxes[:, :2]).all()
    assert capfd.readouterr() == ("", "") and len(kind.weights_sha256) == 64


def test_overfitted_it_finds_the_one_box(detector):
    learn(detector.train(), 80)
    (boxes, scores, labels), nothing = detector.eval().detect(batch()[0])
    found = boxes[0].numpy()
    low, high = np.maximum(found[:2], [8, 16]), np.minimum(found[2:], [40, 48])
    shared = (high - low).clip(0).prod()
    assert shared / (32 * 32 + (found[2:] - found[:2]).prod() - shared) > 0.8
    assert labels[0] == 0 and scores[0] > max(nothing[1].tolist(), default=0)


def test_every_parameter_that_learns_is_in_one_group(detector):
    slow, fast = detector.parameter_groups()
    assert slow["pace"] < fast["pace"] and slow["params"] and fast["params"]
    grouped = [id(p) for g in (slow, fast) for p in g["params"]]
    assert sorted(grouped) == sorted(id(p) for p in detector.parameters() if p.requires_grad)


def test_its_state_comes_back_from_a_file(folders, detector, tmp_path):
    learn(detector.train(), 2)
    torch.save(detector.state_dict(), tmp_path / "state.pt")
    other = RtDetr(str(folders / "rt_detr_v2"), "cpu").new(CLASSES)
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    images = batch()[0]
    for a, b in zip(detector.eval().detect(images), other.eval().detect(images)):
        assert all(torch.equal(*pair) for pair in zip(a, b))


def test_pictures_reach_it_as_it_was_trained(folders, tmp_path):
    """0 to 1 as it stands, or with a mean and a deviation where its own file says so."""
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folders / "rt_detr_v2" / name).read_bytes())
    plain = RtDetr(str(tmp_path), "cpu").new(CLASSES)
    images = normalized(torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 1, 1, 3))
    assert plain._prepared(images).flatten().tolist() == pytest.approx([0, 0.2, 1], abs=1e-6)
    said = {"do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.25] * 3}
    blob = tmp_path.with_name(f"{tmp_path.name}-blob")  # as the hub lays it down
    blob.write_text(json.dumps(said))
    (tmp_path / "preprocessor_config.json").symlink_to(blob)
    told = RtDetr(str(tmp_path), "cpu").new(CLASSES)
    assert told._prepared(images).flatten().tolist() == pytest.approx([-2, -1.2, 2], abs=1e-6)
    blob.write_text("{")
    with pytest.raises(SimgenError, match=r"preprocessor_config\.json: no such JSON"):
        RtDetr(str(tmp_path), "cpu").new(CLASSES)


def test_what_is_no_such_model_is_said(folders, tmp_path, monkeypatch):
    with pytest.raises(SimgenError, match="detector.model=.*cannot be loaded"):
        RtDetr(str(tmp_path), "cpu").new(CLASSES)
    config = transformers.DetrConfig().to_dict() | {"model_type": "detr"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(SimgenError, match="family detr, not of rt_detr"):
        RtDetr(str(tmp_path), "cpu").new(CLASSES)
    with pytest.raises(SimgenError, match="detector.device='gpu'"):
        RtDetr(str(tmp_path), "gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SimgenError, match="detector.device=cuda is not there"):
        RtDetr(str(tmp_path), "cuda").new(CLASSES)


def test_pickled_weights_are_not_read(folders, tmp_path):
    (tmp_path / "config.json").write_bytes((folders / "rt_detr_v2" / "config.json").read_bytes())
    torch.save(tiny("rt_detr_v2").state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(SimgenError, match="cannot be loaded"):
        RtDetr(str(tmp_path), "cpu").new(CLASSES)


def test_without_transformers_it_says_what_to_install(folders, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SimgenError, match="pip install transformers"):
        RtDetr(str(folders / "rt_detr"), "cpu").new(CLASSES)
