"""The prescriber is told pictures alone of the real side: what took them, it has to find out."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from simgen.distributions import LogUniform, Normal, Uniform, parse, support
from simgen.errors import SimgenError
from simgen.evaluate import effects, gap, scene_settings
from simgen.evaluate.levers import SCENE, SENSOR
from simgen.evaluate.negative import Negative, configured
from simgen.evaluate.overrides import override, quoted
from simgen.rng import stream
from simgen.sensor import Sensor
from tests.composing import composed, recipe
from tests.evaluate import drawn
from tests.evaluate.developed import config, radiance, taken

FRAMES = 16
OURS = Sensor(
    exposure_ev=Normal(-0.1, 0.35, -1, 0.7),
    white_balance=0.7,
    contrast=Uniform(0.9, 1.15),
    saturation=Uniform(0.85, 1.1),
    full_well_e=LogUniform(3000, 20000),
    read_noise_e=Uniform(2, 8),
    blur_px=Uniform(0.3, 0.8),
    vignetting=Uniform(0, 0.3),
)
DARK = Sensor(
    exposure_ev=Uniform(-1.6, -0.6),
    white_balance=0.2,
    contrast=Uniform(1.3, 1.6),
    saturation=Uniform(1.1, 1.4),
    full_well_e=LogUniform(400, 1500),
    read_noise_e=5,
    blur_px=Uniform(0.2, 0.5),
    vignetting=0.3,
    sharpening=0.8,
)
SOFT = Sensor(
    exposure_ev=Normal(0.4, 0.5, -0.5, 1),
    white_balance=0.9,
    contrast=Uniform(0.7, 0.8),
    saturation=0.7,
    full_well_e=20000,
    read_noise_e=2,
    blur_px=Uniform(0.9, 1.4),
)


def overrides(items):
    return [p["override"] for item in items for p in item["prescriptions"]]


def followed(sensor, items):
    """The sensor as the prescriptions would have it."""
    pairs = (text.split("=") for text in overrides(items))
    new = {key.removeprefix("sensor."): parse(yaml.safe_load(v), key) for key, v in pairs}
    return replace(sensor, **new)


def distances(items):
    return {i["statistic"]: i["distance"] for i in items if i["distance"] is not None}


@pytest.mark.parametrize(("real", "seed"), [(DARK, 1), (DARK, 2), (SOFT, 3)])
def test_what_is_prescribed_narrows_every_gap_that_it_is_for(tmp_path, real, seed):
    theirs = taken(tmp_path / "real", real, seed + 100, FRAMES)
    ours = taken(tmp_path / "ours", OURS, seed, FRAMES, ours=True)
    items = gap.measure(ours, theirs, config(OURS, seed))
    found = followed(OURS, items)
    again = taken(tmp_path / "again", found, seed, FRAMES, ours=True)
    before, after = distances(items), distances(gap.measure(again, theirs))
    wide = {i["statistic"] for i in items if i["prescriptions"] and i["distance"] > 1}
    assert {"brightness", "noise", "sharpness"} <= wide
    assert all(after[name] < before[name] for name in wide), (before, after)
    assert sum(after[name] for name in wide) < 0.4 * sum(before[name] for name in wide)
    middle, true = (np.mean(support(each.exposure_ev)) for each in (found, real))
    assert middle == pytest.approx(true, abs=0.35)  # and so it has found what took them


def test_like_pictures_get_hardly_a_prescription(tmp_path):
    theirs = taken(tmp_path / "real", OURS, 7, FRAMES)
    ours = taken(tmp_path / "ours", OURS, 8, FRAMES, ours=True)
    assert len(overrides(gap.measure(ours, theirs, config(OURS, 8)))) <= 2


def test_the_same_pictures_get_none(tmp_path):
    ours = taken(tmp_path / "ours", OURS, 8, 4, ours=True)
    same = gap.measure(ours, ours, config(OURS, 8))
    assert not overrides(same) and max(distances(same).values()) == 0


def test_the_same_pair_gets_the_same_prescriptions(tmp_path):
    theirs = taken(tmp_path / "real", SOFT, 1, 4)
    ours = taken(tmp_path / "ours", OURS, 2, 4, ours=True)
    first, second = (gap.measure(ours, theirs, config(OURS, 2)) for _ in range(2))
    assert first == second and json.loads(json.dumps(first)) == first and overrides(first)


@pytest.mark.parametrize(
    "change",
    [
        {"exposure_ev": 0.8},
        {"contrast": 1.3},
        {"saturation": 1.4},
        {"white_balance": 0.3},
        {"blur_px": 1.5},
        {"full_well_e": 800.0},
        {"vignetting": 0.5},
        {"sharpening": 1.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_negative_develops_into_what_the_sensor_would_have_taken(change):
    was = Sensor(white_balance=0.7, full_well_e=8000.0, read_noise_e=4, blur_px=0.5)
    now = replace(was, **change)
    light = radiance(3, 0) * np.float32([1.5, 1, 0.6])
    before, truth = (each(light, stream(3, 0, "sensor")) for each in (was, now))
    png = cv2.imencode(".png", before[..., ::-1])[1].tobytes()
    after = Negative.of(png, was, 3, 0).developed(now)
    field = next(iter(change))
    name = {"exposure_ev": "brightness", "full_well_e": "noise", "blur_px": "sharpness",
            "sharpening": "sharpness"}.get(field, field)  # fmt: skip
    look = effects.LOOKS.index(name)
    was, now, truth = (effects._looks(image)[look] for image in (before, after, truth))
    assert abs(now - truth) < 0.25 * abs(was - truth)


def test_a_config_builds_a_sensor_of_ours_and_nothing_else():
    assert configured(config(OURS, 0)) == OURS
    for node in ({"_target_": "os.system", "command": "true"}, {"_target_": []}, [], None, "x"):
        assert configured({"sensor": node}) is None
    with pytest.raises(SimgenError, match="contrast"):
        configured({"sensor": {"_target_": "simgen.sensor.Sensor", "contrast": "high"}})


def test_a_damaged_config_costs_the_prescriptions_alone(tmp_path, caplog):
    theirs = taken(tmp_path / "real", SOFT, 1, 3)
    ours = taken(tmp_path / "ours", OURS, 2, 3, ours=True)
    bad = config(OURS, 2)
    bad["sensor"]["blur_px"] = [1, "x", {}]
    items = gap.measure(ours, theirs, bad)
    assert not overrides(items) and "no prescriptions: " in caplog.text
    for odd in ({}, {"seed": -1, **{"sensor": bad["sensor"]}}, {"scene": [1], "randomize": "no"}):
        assert distances(gap.measure(ours, theirs, odd)) == distances(items)


def test_settings_of_the_scene_are_fitted_over_the_records(tmp_path):
    ours = drawn.made(tmp_path / "ours", 24, 1, ["loguniform", 0.5, 1], ["integer", 6, 12])
    theirs = drawn.made(tmp_path / "real", 24, 2, ["loguniform", 1, 2], ["integer", 2, 4])
    items = gap.measure(ours, theirs)
    found = dict(text.split("=") for text in overrides(items))
    low, high = support(parse(yaml.safe_load(found["randomize.camera.fill"]), "fill"))
    assert np.sqrt(low * high) == pytest.approx(np.sqrt(2), rel=0.15)
    count = parse(yaml.safe_load(found["scene.count"]), "count")
    assert np.mean(support(count)) == pytest.approx(3, abs=0.8)
    assert found["targets.match"] == str((tmp_path / "real/annotations/instances.json").resolve())
    new = [yaml.safe_load(found[key]) for key in ("randomize.camera.fill", "scene.count")]
    again = drawn.made(tmp_path / "again", 24, 1, *new)
    before, after = distances(items), distances(gap.measure(again, theirs))
    assert after["box_size"] < 0.4 * before["box_size"] and after["count"] < 0.5 * before["count"]


@pytest.mark.parametrize(("slope", "noise", "known"), [(0.8, 0.1, 1.0), (-0.7, 0.2, -1.0)])
def test_an_effect_is_what_the_frames_show_and_what_is_known(slope, noise, known):
    rng = np.random.default_rng(0)
    settings = np.exp2(rng.uniform(-1, 1, 200))
    values = slope * np.log2(settings) + noise * rng.standard_normal(200)
    lever = replace(next(each for each in SCENE if each.field == "fill"), known=known)
    assert effects.fitted(lever, settings, values) == pytest.approx(slope, abs=0.05)
    assert effects.fitted(lever, settings[:3], values[:3]) == known
    assert effects.fitted(lever, settings, 3 + 0 * values) is None  # it plainly does nothing
    unsure = replace(lever, known=None)
    assert effects.fitted(unsure, settings, values) == pytest.approx(slope, abs=0.05)
    assert effects.fitted(unsure, settings, rng.standard_normal(200)) is None
    assert effects.fitted(unsure, [], []) is None


@pytest.mark.parametrize("path", ["/a/b-c_1.json", "/my photos/it's, [1]=2\\.json", "x\\"])
def test_paths_come_through_hydra_as_they_are(path):
    parsed = OverridesParser.create().parse_override(f"targets.match={quoted(path)}")
    assert parsed.value() == path


@pytest.mark.parametrize("scene", ["tabletop", "warehouse", "bin"])
@pytest.mark.parametrize("way", [-1, 1])
def test_whatever_levers_write_composes_for_the_scene(scene, way):
    plain = composed(f"scene={scene}")
    settings = {lever: scene_settings.setting(plain, lever) for lever in (*SENSOR, *SCENE)}
    moved = {
        lever: lever.moved(value, way * lever.reach, 1.3, 0.1)
        for lever, value in settings.items()
        if value is not None
    }
    texts = [override(lever.key, value) for lever, value in moved.items()]
    again = composed(f"scene={scene}", *texts)
    assert {lever: scene_settings.setting(again, lever) for lever in moved} == moved
    assert len(moved) >= len(SENSOR) and recipe(f"scene={scene}", *texts)
