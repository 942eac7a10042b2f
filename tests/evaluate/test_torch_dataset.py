import pickle

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from simgen.errors import SimgenError
from simgen.export.splits import Splits
from simgen.generate import generate
from simgen.torch_dataset import Frames
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from tests import rectangles
from tests.export.posed import block, dataset, scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("torch") / "out"
    generate(rectangles.config(out, frames=10), rectangles.build, rectangles.make)
    return out


def test_a_sample_is_what_the_frame_was_made_of(folder):
    frames = Frames(folder, maps=("depth", "instance", "semantic"))
    assert len(frames) == 10
    assert frames.categories == dict(enumerate(rectangles.CATEGORIES, 1))
    for i in range(10):
        frame, sample = rectangles.make(rectangles.Rectangles(), i), frames[i]
        assert (sample["image"].transpose(1, 2, 0) == frame.image).all()
        assert (sample["depth"] == frame.truth.depth).all()
        assert (sample["instance"] == frame.truth.instance).all()
        names = [frames.categories[label] for label in sample["labels"]]
        assert names == [label.category for label in frame.instances]
        for j, label in enumerate(frame.instances):
            mask = frame.truth.instance == label.id
            rows, columns = np.nonzero(mask)
            assert (sample["masks"][j] == mask).all() and sample["area"][j] == mask.sum()
            assert sample["boxes"][j].tolist() == [
                columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            ]  # fmt: skip
            assert set(sample["semantic"][mask]) == {sample["labels"][j]}
        assert sample["image_id"].tolist() == [i]


def test_a_frame_without_objects_has_arrays_without_rows(tmp_path):
    sample = Frames(dataset(tmp_path / "out", [scene()]).folder)[0]
    shapes = {name: array.shape for name, array in sample.items()}
    assert shapes["boxes"] == (0, 4) and shapes["masks"] == (0, 64, 96) and shapes["labels"] == (0,)


def test_a_loader_with_two_workers_gives_tensors(folder):
    frames = Frames(folder, maps=("depth", "instance"), convert=torch.from_numpy)
    loader = DataLoader(frames, batch_size=4, num_workers=2, collate_fn=list)
    samples = [sample for batch in loader for sample in batch]
    assert [int(sample["image_id"]) for sample in samples] == list(range(10))
    for sample, alone in zip(samples, Frames(folder, maps=("depth", "instance"))):
        assert sample["image"].dtype == torch.uint8 and sample["boxes"].dtype == torch.float32
        assert {k: v.numpy().tobytes() for k, v in sample.items()} == {
            k: v.tobytes() for k, v in alone.items()
        }


def test_it_can_be_pickled_and_transformed(folder):
    frames = pickle.loads(pickle.dumps(Frames(folder, maps=("depth",), transform=sorted)))
    assert "depth" in frames[3] and frames[3] == sorted(frames[3])


def test_splits_are_those_of_an_export(folder):
    shares = (0.5, 0.25, 0.25)
    parts = {name: Frames(folder, name, shares).numbers for name in ("train", "val", "test")}
    assert sorted(sum(parts.values(), ())) == list(range(10))
    for name, numbers in parts.items():
        assert all(Splits(shares).of(0, n) == name for n in numbers)


def test_depth_in_millimetres_is_read_as_metres(tmp_path):
    a, b = (
        Frames(made.folder, maps=("depth",))[0]["depth"]
        for form in ("exr", "png")
        for made in [dataset(tmp_path / form, [scene(block())], (Images("png"), Depth(form)))]
    )
    there = np.isfinite(a)
    assert there.any() and (there == np.isfinite(b)).all()
    assert np.abs(a[there] - b[there]).max() <= 0.00051 and b.dtype == np.float32


def test_mistakes_are_told(folder, tmp_path):
    with pytest.raises(SimgenError, match="maps='depths' is not known; did you mean 'depth'"):
        Frames(folder, maps=("depths",))
    with pytest.raises(SimgenError, match="split='vall' is none; did you mean 'val'"):
        Frames(folder, "vall")
    with pytest.raises(SimgenError, match="has no frame in split='test'"):
        Frames(folder, "test", (1.0,))
    with pytest.raises(SimgenError, match="the dataset has no distance/"):
        Frames(folder, maps=("distance",))[0]
    with pytest.raises(SimgenError, match="holds no dataset"):
        Frames(tmp_path)
