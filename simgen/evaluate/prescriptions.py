"""Overrides of the generator's config that would narrow the gap, each with its reason.

The sensor's settings act on several statistics at once (a steeper contrast is more colourful too),
so theirs are found together: the effects of all are measured by developing some of the pictures
anew, and bounded least squares brings the means together. Settings of the scene are fitted one by
one over the frames' records. Spreads follow: a setting is to vary as much more, or less, as its
statistic lacks. What may be chance is left alone.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from scipy.optimize import lsq_linear

from simgen.audit.reading import Unreadable, read
from simgen.dataset import CARD, CONFIG, Dataset
from simgen.distributions import Integer, parse, support
from simgen.errors import SimgenError
from simgen.evaluate.effects import CAST, LOOKS, Darkroom, fitted, middle
from simgen.evaluate.gauges import GAUGES
from simgen.evaluate.lacking import Lacking
from simgen.evaluate.levers import SCENE, SENSOR, Lever, override, quoted
from simgen.evaluate.negative import Negative, configured
from simgen.evaluate.readings import Readings
from simgen.targets.match import Reference

log = logging.getLogger(__name__)
EXAMPLES = 10  # pictures that are developed anew
_FELT = 0.1  # of the real deviation: less is not worth an override
_NARROWEST = 0.3  # of its present deviation, a setting keeps
_RIDGE = 0.05  # of the real deviation, that a step of a lever must earn
_ROUNDS = 3
BOXES = ("box_size", "aspect", "count", "position_x", "position_y")  # what targets.match follows
_MAX_CONFIG = 1 << 20  # bytes


@dataclass(frozen=True)
class Prescription:
    """One override, for the statistic that it is there to move."""

    gauge: str
    override: str
    why: str


def prescribe(
    ours: Readings, theirs: Readings, config: Mapping[str, Any] | None
) -> tuple[Prescription, ...]:
    """Returns the overrides, all of which are meant together; no key twice.

    Args:
        config: of the synthetic dataset, as plain data, nothing of which is ever instantiated;
            None: it is read from its folder, and without it there is nothing to prescribe.
    """
    try:
        config = _saved(ours) if config is None else config
        lacking = dict(_lacking(ours, theirs))
        found = (*_sensor(ours, lacking, config), *_scene(ours, lacking, config))
        found = (*found, *_files(theirs, lacking, config))
        return (*found, *_match(theirs, lacking, config))
    except SimgenError as error:
        log.warning("no prescriptions: %s", error)
        return ()


def _saved(ours: Readings) -> Mapping[str, Any]:
    root = ours.pictures.root
    if not (root / CARD).is_file():
        return {}
    try:
        config = yaml.safe_load(read(root, CONFIG, _MAX_CONFIG))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(CONFIG, "it is no YAML") from error
    return config if isinstance(config, dict) else {}


def _lacking(ours: Readings, theirs: Readings) -> Iterator[tuple[str, Lacking]]:
    for gauge in GAUGES:
        a, b = ours.values(gauge.name), theirs.values(gauge.name)
        if gauge.period is None and len(a) and len(b):
            yield gauge.name, Lacking.of(a, b, gauge.step, gauge.unit)


def _sensor(ours: Readings, lacking: Mapping[str, Lacking], config: Mapping) -> list[Prescription]:
    """Returns what the sensor's settings should be."""
    sensor, darkroom = configured(config), None
    if sensor is not None:
        darkroom = _darkroom(ours, sensor, config)
    if darkroom is None:
        return []
    levers = [each for each in SENSOR if _starts(each, getattr(sensor, each.field))]
    values = [getattr(sensor, each.field) for each in levers]
    shifts, effects, growth = _together(darkroom, levers, values, lacking)
    found, done = [], {CAST}
    for lever, value, shift, effect in zip(levers, values, shifts, effects):
        grown = lacking[lever.gauge].grown(growth[LOOKS.index(lever.gauge)])
        found += _prescribed(lever, value, effect, shift, grown, lever.gauge not in done)
        done.add(lever.gauge)
    return found


def _starts(lever: Lever, value: Any) -> bool:
    """Tells whether a setting has a place on its lever's scale."""
    try:
        low, high = support(value)
    except TypeError:
        return False
    return lever.low <= low and high <= lever.high


def _darkroom(ours: Readings, sensor: Any, config: Mapping) -> Darkroom | None:
    framed = [each for each in ours.pictures.pictures if each.frame is not None]
    seed = config.get("seed")
    if not framed or type(seed) is not int or seed < 0:
        return None
    few = np.unique(np.linspace(0, len(framed) - 1, EXAMPLES).round().astype(int))
    return Darkroom(
        tuple(
            Negative.of(read(each.root, each.name), sensor, seed, each.frame)
            for each in (framed[i] for i in few)
        )
    )


def _together(
    darkroom: Darkroom,
    levers: Sequence[Lever],
    values: Sequence[Any],
    lacking: Mapping[str, Lacking],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the shifts that bring the middles of all looks nearest, in real deviations; each
    lever's effect on its own gauge there, per unit; and the factors on the deviations of looks.

    Gauss-Newton steps, each within bounds, the pictures developed anew for each. Of a move that
    finished pictures cannot show, the linear effect is taken.
    """
    lacks = [lacking[name] for name in LOOKS]
    scales = np.array([lack.scale for lack in lacks])
    wanted = np.array([lack.size if n == CAST else lack.mean for n, lack in zip(LOOKS, lacks)])
    wanted, first = wanted / scales, darkroom.looks({})
    steps = np.array([abs(lever.step) for lever in levers])
    low, high = np.array([_reach(lever, value) for lever, value in zip(levers, values)]).T
    shifts = np.zeros(len(levers))
    for _ in range(_ROUNDS):
        hidden = np.array([lever.shown * s < 0 for lever, s in zip(levers, shifts)])
        shown = dict(zip(levers, np.where(hidden, 0, shifts)))
        looks, slopes = darkroom.looks(shown), darkroom.effects(levers, shown) / scales[:, None]
        reached = (middle(looks) - middle(first)) / scales + slopes @ np.where(hidden, shifts, 0)
        system = np.vstack([slopes, np.diag(_RIDGE / steps)])
        goal = np.concatenate([wanted - reached, -_RIDGE / steps * shifts])
        shifts = shifts + lsq_linear(system, goal, (low - shifts, high - shifts)).x
    own = np.array([slopes[LOOKS.index(lever.gauge), i] for i, lever in enumerate(levers)])
    own = own * [lacking[lever.gauge].scale for lever in levers]
    return shifts, own, looks.std(0) / np.maximum(first.std(0), 1e-9)


def _reach(lever: Lever, value: Any) -> tuple[float, float]:
    """Returns how far down and up the middle of a setting can be moved."""
    middle = lever.spread(value)[0]
    down, up = lever.clip(middle - lever.reach) - middle, lever.clip(middle + lever.reach) - middle
    return min(down, -1e-6), max(up, 1e-6)


def _prescribed(
    lever: Lever, value: Any, effect: float, shift: float, lacking: Lacking, spread: bool
) -> list[Prescription]:
    """Returns the override of one lever, if it is worth one.

    Args:
        effect: on the gauge, per unit of the lever. `spread`: whether to match the spread too.
    """
    if abs(effect) * lever.reach < _FELT * lacking.scale:
        return []
    present = lever.spread(value)[1]
    variance = present**2 + lacking.variance / effect**2 if spread else present**2
    wide = float(
        np.clip(np.sqrt(max(variance, 0)), _NARROWEST * present, max(lever.reach / 2, present))
    )
    felt = _FELT * lacking.scale
    if abs(shift * effect) < felt and abs(wide - present) * abs(effect) < felt:
        return []
    moved = lever.moved(value, shift, wide / present if present else 1.0, wide)
    text = override(lever.key, moved)
    return [Prescription(lever.gauge, text, f"{lacking}")] if moved != value else []


def _scene(ours: Readings, lacking: Mapping[str, Lacking], config: Mapping) -> list[Prescription]:
    """Returns what settings of the scene should be, by the records of its frames."""
    records = list(_parameters(ours))
    balanced = configured(config) is not None
    found = []
    for lever in SCENE:
        value = _setting(config, lever)
        if value is None or lever.gauge not in lacking or (lever.gauge in LOOKS and balanced):
            continue
        effect = fitted(lever, *_pairs(records, lever))
        if not effect:
            continue
        lack = lacking[lever.gauge]
        shift = (lack.octaves if lever.ratio else lack.mean) / effect
        shift = float(np.clip(shift, *_reach(lever, value)))
        slope = effect * lack.means[0] * np.log(2) if lever.ratio else effect
        found += _prescribed(lever, value, slope, shift, lack, True)
    return found


def _parameters(ours: Readings) -> Iterator[tuple[Mapping[str, Any], Mapping[str, np.ndarray]]]:
    """Yields what was drawn for each frame that has a record, and what its picture shows."""
    root = ours.pictures.root
    if not (root / CARD).is_file():
        return
    dataset = Dataset.load(root)
    for picture, values in zip(ours.pictures.pictures, ours.each):
        if picture.frame is not None:
            with suppress(SimgenError):
                yield dataset.read(picture.frame).spec.parameters, values


def _pairs(records: Sequence, lever: Lever) -> tuple[list[float], list[float]]:
    """Returns a setting and the mean of its gauge, of each frame that tells both."""
    name = lever.key.removeprefix("randomize.")
    pairs = [
        (drawn[name], float(values[lever.gauge].mean()))
        for drawn, values in records
        if type(drawn.get(name)) in (int, float) and len(values.get(lever.gauge, ()))
    ]
    return [setting for setting, _ in pairs], [value for _, value in pairs]


def _setting(config: Mapping, lever: Lever) -> Any:
    """Returns the constant or distribution of a lever, None where the config has no such one."""
    *path, field = lever.key.split(".")
    node = _group(config, *path)
    if field not in node:
        return None
    if lever.target and node.get("_target_") not in lever.target:
        return None
    value = parse(node[field], lever.key)
    return value if _starts(lever, value) else None


def _files(theirs: Readings, lacking: Mapping[str, Lacking], config: Mapping) -> list[Prescription]:
    """Returns the quality that files should have: the middle four fifths of the real ones'."""
    images = _group(config, "writer", "images")
    lack = lacking.get("jpeg_quality")
    if images.get("format") != "jpg" or lack is None:
        return []
    low, high = np.quantile(theirs.values("jpeg_quality"), [0.1, 0.9]).round().astype(int).tolist()
    value = low if low == high else Integer(low, high)
    if not (lack.mean or lack.variance) or value == parse(images.get("quality"), "quality"):
        return []
    return [Prescription("jpeg_quality", override("writer.images.quality", value), str(lack))]


def _match(theirs: Readings, lacking: Mapping[str, Lacking], config: Mapping) -> list[Prescription]:
    """Returns that the frames are to follow the real boxes, where those are labelled in a file."""
    far = {name: abs(lacking[name].mean) / lacking[name].scale for name in BOXES if name in lacking}
    worst = max(far, key=far.__getitem__, default="")
    targets, real = _group(config, "targets"), theirs.pictures
    if not worst or far[worst] < _FELT or targets.get("match", "") is not None:
        return []
    path = str((real.root / real.annotations).resolve())
    with suppress(SimgenError):
        Reference.load(path)  # not every file with boxes can be followed
        return [Prescription(worst, f"targets.match={quoted(path)}", str(lacking[worst]))]
    return []


def _group(config: Mapping, *path: str) -> Mapping[str, Any]:
    node: Any = config
    for part in path:
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}
