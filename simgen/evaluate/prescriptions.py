"""Overrides of the generator's config that would narrow the gap, each with its reason; what may be
chance is left alone."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import yaml

from simgen.audit.reading import Unreadable, read
from simgen.dataset import CARD, CONFIG
from simgen.distributions import Integer, parse
from simgen.errors import SimgenError
from simgen.evaluate.gauges import GAUGES
from simgen.evaluate.lacking import Lacking
from simgen.evaluate.overrides import override, quoted
from simgen.evaluate.prescription import FELT, Prescription
from simgen.evaluate.readings import Readings
from simgen.evaluate.scene_settings import group, scene_settings
from simgen.evaluate.sensor_settings import sensor_settings
from simgen.targets.match import Reference

log = logging.getLogger(__name__)
BOXES = ("box_size", "aspect", "count", "position_x", "position_y")  # what targets.match follows
_MAX_CONFIG = 1 << 20  # bytes


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
        found = (*sensor_settings(ours, lacking, config), *scene_settings(ours, lacking, config))
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


def _files(theirs: Readings, lacking: Mapping[str, Lacking], config: Mapping) -> list[Prescription]:
    """Returns the quality that files should have: the middle four fifths of the real ones'."""
    images = group(config, "writer", "images")
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
    targets, real = group(config, "targets"), theirs.pictures
    if not worst or far[worst] < FELT or targets.get("match", "") is not None:
        return []
    path = str((real.root / real.annotations).resolve())
    with suppress(SimgenError):
        Reference.load(path)  # not every file with boxes can be followed
        return [Prescription(worst, f"targets.match={quoted(path)}", str(lacking[worst]))]
    return []
