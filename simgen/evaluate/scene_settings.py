"""What settings of the scene, its camera and its light should be, by the records of its frames."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from simgen.dataset import CARD, Dataset
from simgen.distributions import parse
from simgen.errors import SimgenError
from simgen.evaluate.effects import LOOKS, fitted
from simgen.evaluate.lacking import Lacking
from simgen.evaluate.levers import SCENE, Lever
from simgen.evaluate.negative import configured
from simgen.evaluate.prescription import Prescription, prescribed, reach
from simgen.evaluate.readings import Readings


def scene_settings(
    ours: Readings, lacking: Mapping[str, Lacking], config: Mapping[str, Any]
) -> list[Prescription]:
    """Returns overrides, each fitted by itself; how pictures look is left to the sensor, if that is
    simgen's.

    Raises:
        SimgenError: the config is damaged.
    """
    records = list(_parameters(ours))
    balanced = configured(config) is not None
    found = []
    for lever in SCENE:
        value = setting(config, lever)
        if value is None or lever.gauge not in lacking or (lever.gauge in LOOKS and balanced):
            continue
        effect = fitted(lever, *_pairs(records, lever))
        if not effect:
            continue
        lack = lacking[lever.gauge]
        shift = (lack.octaves if lever.ratio else lack.mean) / effect
        shift = float(np.clip(shift, *reach(lever, value)))
        slope = effect * lack.means[0] * np.log(2) if lever.ratio else effect
        found += prescribed(lever, value, slope, shift, lack, True)
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


def setting(config: Mapping, lever: Lever) -> Any:
    """Returns the constant or distribution of a lever, None where the config has no such one."""
    *path, field = lever.key.split(".")
    node = group(config, *path)
    if field not in node:
        return None
    if lever.target and node.get("_target_") not in lever.target:
        return None
    value = parse(node[field], lever.key)
    return value if lever.holds(value) else None


def group(config: Mapping, *path: str) -> Mapping[str, Any]:
    """Returns a group of a config's settings, empty where there is none."""
    node: Any = config
    for part in path:
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}
