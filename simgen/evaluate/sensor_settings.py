"""What the sensor's settings should be.

They act on several statistics at once (a steeper contrast is more colourful too), so they are found
together: the effects of all are measured by developing some of the pictures anew, and bounded least
squares brings the means together. Spreads follow: a setting is to vary as much more, or less, as
its statistic lacks.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import lsq_linear

from simgen.audit.reading import read
from simgen.evaluate.effects import CAST, LOOKS, Darkroom, middle
from simgen.evaluate.lacking import Lacking
from simgen.evaluate.levers import SENSOR, Lever
from simgen.evaluate.negative import Negative, configured
from simgen.evaluate.prescription import Prescription, prescribed, reach
from simgen.evaluate.readings import Readings
from simgen.sensor import Sensor

log = logging.getLogger(__name__)
EXAMPLES = 10  # pictures that are developed anew
_RIDGE = 0.05  # of the real deviation, that a step of a lever must earn
_ROUNDS = 3


def sensor_settings(
    ours: Readings, lacking: Mapping[str, Lacking], config: Mapping[str, Any]
) -> list[Prescription]:
    """Returns overrides of `sensor.`, none where the config has no sensor of simgen's.

    Raises:
        SimgenError: the config, or a picture, is damaged.
    """
    sensor = configured(config)
    darkroom = _darkroom(ours, sensor, config) if sensor else None
    if sensor is None or darkroom is None:
        return []
    levers = [each for each in SENSOR if each.holds(getattr(sensor, each.field))]
    values = [getattr(sensor, each.field) for each in levers]
    shifts, effects, growth = _together(darkroom, levers, values, lacking)
    found, done = [], {CAST}
    for lever, value, shift, effect in zip(levers, values, shifts, effects):
        grown = lacking[lever.gauge].grown(growth[LOOKS.index(lever.gauge)])
        found += prescribed(lever, value, effect, shift, grown, lever.gauge not in done)
        done.add(lever.gauge)
    return found


def _darkroom(ours: Readings, sensor: Sensor, config: Mapping) -> Darkroom | None:
    framed = [each for each in ours.pictures.pictures if each.frame is not None]
    seed = config.get("seed")
    if not framed or type(seed) is not int or seed < 0:
        return None
    log.info("prescriptions: some pictures are developed anew")
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
    low, high = np.array([reach(lever, value) for lever, value in zip(levers, values)]).T
    shifts = np.zeros(len(levers))
    for _ in range(_ROUNDS):
        hidden = np.array([lever.shown * s < 0 for lever, s in zip(levers, shifts)])
        shown = dict(zip(levers, np.where(hidden, 0, shifts)))
        looks = darkroom.looks(shown)
        slopes = darkroom.effects(levers, shown, looks) / scales[:, None]
        reached = (middle(looks) - middle(first)) / scales + slopes @ np.where(hidden, shifts, 0)
        system = np.vstack([slopes, np.diag(_RIDGE / steps)])
        goal = np.concatenate([wanted - reached, -_RIDGE / steps * shifts])
        shifts = shifts + lsq_linear(system, goal, (low - shifts, high - shifts)).x
    own = np.array([slopes[LOOKS.index(lever.gauge), i] for i, lever in enumerate(levers)])
    own = own * [lacking[lever.gauge].scale for lever in levers]
    return shifts, own, looks.std(0) / np.maximum(first.std(0), 1e-9)
