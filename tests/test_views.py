"""Further views of a frame: made when a writer asks, exposed alike, checked alike, on disk."""

from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO

import cv2
import numpy as np
import OpenEXR
import pytest

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.exposure import make_frame
from simgen.frame import Agreement
from simgen.motion import advance
from simgen.record import Record, Run, decode_record, encode_record
from simgen.rng import stream
from simgen.sensor import Sensor
from simgen.truth.match import match
from simgen.truth.raycast import raycast
from simgen.views import right_eye
from simgen.writers.disparity import Disparity
from simgen.writers.flow import Flow
from tests.composing import Painter, composed, recipe
from tests.test_recipe import _proposal
from tests.test_writers import pixels

SMALL = ("scene=single", "resolution=[160,120]", "sensor=ideal")
BOTH = "writer=[images,flow,disparity]"


@cache
def plain():
    return make_frame(recipe(*SMALL), 3)


@cache
def both():
    return make_frame(recipe(*SMALL, BOTH), 3)


def test_no_writer_no_view():
    assert plain().views == {} and recipe(*SMALL).views == {}


def test_further_views_leave_the_first_as_it_was():
    noisy = ("scene=single", "resolution=[160,120]")
    alone, among = make_frame(recipe(*noisy), 3), make_frame(recipe(*noisy, BOTH), 3)
    assert alone.spec == among.spec and alone.instances == among.instances
    assert (alone.image == among.image).all()


def test_the_views_are_those_of_the_spec():
    assert both().views["next"].spec == advance(both().spec)
    assert both().views["right"].spec == right_eye(both().spec)
    for view in both().views.values():
        assert view.agreement.pixels == 1.0
        assert view.image.shape == (120, 160, 3) and view.image.dtype == np.uint8
        assert (view.image != both().image).any()


def test_a_view_without_picture_is_not_rendered():
    made = recipe(*SMALL, BOTH, "writer.flow.picture=false")
    assert made.views == {"next": False, "right": True}
    frame = make_frame(made, 3)
    assert frame.views["next"].image is None and frame.views["next"].agreement is None
    assert "next.render" not in frame.seconds and "right.render" in frame.seconds
    assert Flow().files(frame, ()) == Flow().files(both(), ())


def test_one_writer_that_wants_the_picture_is_enough():
    made = recipe(*SMALL, BOTH)
    writers = {"a": Flow(picture=False), "b": Flow(), "c": Flow(picture=False)}
    assert replace(made, writers=writers).views == {"next": True}


def test_each_stage_of_a_view_is_timed_under_its_name():
    stages = {"truth", "render", "check", "sensor"}
    names = {f"{view}.{stage}" for view in ("next", "right") for stage in stages}
    assert set(both().seconds) == set(plain().seconds) | names


@dataclass(frozen=True)
class Brightening:
    """A renderer whose light grows with each picture."""

    calls: list = field(default_factory=list)

    def render(self, spec):
        self.calls.append(spec)
        seen = Painter().render(spec)
        return replace(seen, rgb=seen.rgb * np.float32(len(self.calls)))


def test_a_view_is_exposed_as_the_first_picture():
    """Metered on its own, twice the light would give the same picture."""
    still = recipe(*SMALL, "writer=[images,flow]", "sensor.auto_exposure=true")
    frame = make_frame(replace(still, renderer=Brightening()), 3)
    assert frame.views["next"].image.mean() > 1.2 * frame.image.mean()


def test_a_pair_shares_the_draw_and_not_the_grain():
    light = np.full((100, 100, 3), 0.2, np.float32)
    sensor = replace(recipe("scene=single").sensor, vignetting=0.0)
    first = sensor(light, stream(0, 0, "sensor")).astype(float)
    other = sensor.second(light, light, stream(0, 0, "sensor"), stream(0, 0, "sensor/right"))
    assert abs(first.mean() - other.mean()) < 0.1 and first.std() > 0.5
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.03


@dataclass(frozen=True)
class Fog:
    """A renderer of equal light everywhere, however right its ids and depths."""

    def render(self, spec):
        seen = Painter().render(spec)
        return replace(seen, rgb=np.full_like(seen.rgb, 0.2))


def test_the_pictures_of_a_frame_have_noise_of_their_own_each():
    made = recipe("scene=single", "resolution=[160,120]", BOTH, "sensor.vignetting=0")
    frame = make_frame(replace(made, renderer=Fog()), 3)
    pictures = [frame.image, *(view.image for view in frame.views.values())]
    alike = np.corrcoef([picture.ravel() for picture in pictures])
    assert len(pictures) == 3 and np.abs(alike - np.eye(3)).max() < 0.03


def test_the_balance_is_the_first_pictures_too():
    red = np.broadcast_to(np.float32([0.3, 0.1, 0.1]), (20, 20, 3))
    grey = np.full((20, 20, 3), 0.18, np.float32)
    sensor = Sensor(white_balance=1.0, auto_exposure=False)
    rng = np.random.default_rng
    seen = sensor.second(red, grey, rng(0), rng(0))
    assert (seen != sensor(red, rng(0))).any()
    assert (seen == replace(sensor, white_balance=0.0)(red, rng(0))).all()


@dataclass(frozen=True)
class Noting:
    """A painter that notes what it is to render."""

    calls: list = field(default_factory=list)

    def render(self, spec):
        self.calls.append(spec)
        return Painter().render(spec)


@pytest.mark.parametrize("writers", ["images,flow,disparity", "images,disparity,flow"])
def test_what_has_moved_is_rendered_last(writers):
    """So that a renderer that keeps its scene builds it twice, not three times."""
    made = replace(recipe(*SMALL, f"writer=[{writers}]"), renderer=Noting())
    frame = make_frame(made, 3)
    assert made.renderer.calls == [frame.spec, right_eye(frame.spec), advance(frame.spec)]


@dataclass(frozen=True)
class SecondLie:
    """A renderer that is right about the first picture only."""

    calls: list = field(default_factory=list)

    def render(self, spec):
        self.calls.append(spec)
        seen = Painter().render(spec)
        if len(self.calls) == 1:
            return seen
        return replace(seen, depth=np.roll(seen.depth, 5, axis=1))


def test_a_view_on_which_the_engines_disagree_is_refused():
    made = replace(recipe(*SMALL, "writer=[images,flow]"), renderer=SecondLie())
    with pytest.raises(SimgenError, match="agree on .*min_agreement"):
        make_frame(made, 3)


@pytest.mark.parametrize(
    ("writer", "left", "said"),
    [
        ("flow", "stereo", "step_s is 0: add motion to randomize"),
        ("disparity", "motion", "baseline_m is 0: add stereo to randomize"),
    ],
)
def test_a_view_that_there_is_not_is_told_before_rendering(writer, left, said):
    made = recipe(*SMALL, f"writer=[images,{writer}]", f"randomize=[camera,{left}]")
    unused = Brightening()
    with pytest.raises(SimgenError, match=said):
        make_frame(replace(made, renderer=unused), 3)
    assert unused.calls == []


# on disk


def test_flow_is_what_opencv_reads(tmp_path):
    files = Flow().files(both(), ())
    path = tmp_path / "a.flo"
    path.write_bytes(files["flow/000003.flo"])
    found = match(both().spec, both().truth, both().views["next"].spec)
    read = cv2.readOpticalFlow(str(path))
    assert read.dtype == np.float32 and (read == found.shift).all() and read.any()
    assert (pixels(files["flow_valid/000003.png"]) == 255 * found.seen).all()
    assert 0.5 < found.seen.mean() < 1


def test_disparity_is_what_openexr_reads():
    files = Disparity().files(both(), ())
    channels = OpenEXR.File(BytesIO(files["disparity/000003.exr"])).channels()
    assert list(channels) == ["Y"]
    read = channels["Y"].pixels
    camera = both().spec.camera
    expected = camera.focal_mm / camera.sensor_mm * 160 * camera.baseline_m / both().truth.depth
    assert read.dtype == np.float32 and read == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert not np.signbit(read).any()
    valid = pixels(files["disparity_valid/000003.png"])
    assert set(np.unique(valid)) == {0, 255}


def test_pictures_and_agreements_of_the_views_reach_the_dataset(tmp_path):
    config = composed(*SMALL, BOTH)
    made = recipe(*SMALL, BOTH)
    dataset = Dataset.open(tmp_path / "d", make_card(config, made.categories, {}), config)
    dataset.commit(both(), made.writers.values())
    record = dataset.read(3)
    assert record.views == {"next": both().views["next"].agreement} | {
        "right": both().views["right"].agreement
    }
    names = ("images", "images_next", "images_right")
    sizes = {
        cv2.imread(str(dataset.path(f"{name}/000003.jpg"))).shape
        for name in names
        if f"{name}/000003.jpg" in record.files
    }
    assert sizes == {(120, 160, 3)} and len(record.files) == 7
    assert list(dataset.verify()) == []


def test_a_record_without_views_or_with_them_survives():
    agreement = Agreement(0.9, None, 1.0, 0.0, 0.0)
    for views in ({}, {"next": replace(agreement, pixels=0.8)}):
        run = Run("none", {}, 90.0, {})
        record = Record(3, plain().spec, plain().instances, agreement, {}, run, views)
        assert decode_record(encode_record(record), "record") == record


@pytest.mark.parametrize("make", [Flow, Disparity])
def test_picture_is_true_or_false(make):
    with pytest.raises(SimgenError, match="^picture=1 must be true or false"):
        make(picture=1)


@pytest.mark.parametrize("scene", ["single", "warehouse"])
@pytest.mark.parametrize("view", [advance, right_eye])
def test_the_truth_of_a_view_shows_the_same_bodies_where_the_match_leads(scene, view):
    """Away from edges, where the nearest pixel may be another body's."""
    spec = _proposal(recipe(f"scene={scene}", "resolution=[240,180]"), 3)
    here, there = raycast(spec), raycast(view(spec), amodal=False).instance
    found = match(spec, here, view(spec))
    rows, columns = np.nonzero(found.seen & _inner(here.instance))
    target = np.stack([columns, rows], 1) + 0.5 + found.shift[rows, columns]
    u, v = np.floor(target).astype(int).T
    inner = _inner(there)[v, u]
    same = there[v, u] == here.instance[rows, columns]
    assert inner.mean() > 0.6 and same[inner].mean() > 0.999


def _inner(instance):
    window = np.ones((3, 3), np.uint8)
    return cv2.erode(instance, window) == cv2.dilate(instance, window)
