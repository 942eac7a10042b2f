"""How synthetic and real pictures differ, statistic by statistic, the largest gap first."""

import logging
from collections.abc import Mapping
from typing import Any

from simgen.evaluate import spread
from simgen.evaluate.gauges import GAUGES, Gauge
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.prescriptions import prescribe
from simgen.evaluate.readings import Readings

log = logging.getLogger(__name__)
LIMIT = 2000  # pictures of each side that are read
UNLABELLED = "needs labels on both sides"
NO_VALUES = "no value on one side"


def measure(
    synthetic: Pictures,
    real: Pictures,
    config: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    limit: int = LIMIT,
) -> list[dict[str, Any]]:
    """Returns the gap in each statistic, as `metrics.json` holds it, the largest first; those that
    could not be compared come last, without a distance and with a note.

    The distance is Wasserstein's in units of the standard deviation of the real values (or of the
    gauge's step, where that is larger): 1 says that values are off, on average, by as much as real
    pictures differ among each other. It takes shift and spread alike into account, has no bins, is
    not capped where the two do not overlap, and is defined on the circle of hues too.

    Args:
        config: what the synthetic pictures were composed from, as plain data, for prescriptions;
            None: it is read from their folder, and without it there are none.
        seed: of the choice of pictures where there are more than `limit` on a side; each entry
            then names it, else None.

    Raises:
        Unreadable: a picture is missing or damaged.
    """
    ours, theirs = (Readings.of(side, seed, limit) for side in (synthetic, real))
    items = [compare(gauge, ours, theirs) for gauge in GAUGES]
    for found in prescribe(ours, theirs, config):
        item = next(each for each in items if each["statistic"] == found.gauge)
        item["prescriptions"].append({"override": found.override, "why": found.why})
    skipped = [item["statistic"] for item in items if item["note"] == UNLABELLED]
    if skipped:
        log.info("skipped without labels on both sides: %s", ", ".join(skipped))
    return sorted(items, key=_by_size)


def _by_size(item: Mapping[str, Any]) -> float:
    return -item["distance"] if item["distance"] is not None else 1.0


def compare(gauge: Gauge, synthetic: Readings, real: Readings) -> dict[str, Any]:
    """Returns one statistic's gap, as `metrics.json` holds it."""
    a, b = synthetic.values(gauge.name), real.values(gauge.name)
    seed = synthetic.seed if real.seed is None else real.seed
    item = {"statistic": gauge.name, "of": gauge.of, "unit": gauge.unit, "seed": seed}
    item |= {"distance": None, "note": None, "edges": [], "prescriptions": []}
    item |= {"synthetic": _side(synthetic, gauge), "real": _side(real, gauge)}
    labelled = synthetic.pictures.labelled and real.pictures.labelled
    if gauge.labelled and not labelled:
        return item | {"note": UNLABELLED}
    if not len(a) or not len(b):
        return item | {"note": NO_VALUES}
    edges = spread.edges(a, b, gauge.step, gauge.period, gauge.discrete)
    scale = max(spread.deviation(b, gauge.period), gauge.step)
    item["distance"] = spread.distance(a, b, gauge.period) / scale
    item["edges"] = [float(edge) for edge in edges]
    for side, values in (("synthetic", a), ("real", b)):
        item[side]["counts"] = spread.counts(values, edges, gauge.period).tolist()
    return item


def _side(side: Readings, gauge: Gauge) -> dict[str, Any]:
    values = side.values(gauge.name)
    known = len(values) > 0
    return {
        "n": len(values),
        "pictures": side.count(gauge.name),
        "mean": spread.mean(values, gauge.period) if known else None,
        "spread": spread.deviation(values, gauge.period) if known else None,
        "counts": [],
    }
