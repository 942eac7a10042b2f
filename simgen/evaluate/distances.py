"""How different two sets of pictures look to a named network, as a whole and object by object."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from simgen.errors import SimgenError
from simgen.evaluate.copies import find_copies
from simgen.evaluate.feature_cache import FeatureCache
from simgen.evaluate.features import Backbone, features
from simgen.evaluate.figures import figures
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.subjects import Subject, objects, wholes
from simgen.rng import stream

log = logging.getLogger(__name__)
MOST_OBJECTS = 5000  # of a set


def measure(
    synthetic: Pictures, real: Pictures, backbone: Backbone, seed: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Returns the figures of the distances, and the pictures that are copies.

    Objects are compared where both sets are labelled; if they are not, it is noted.

    Raises:
        SimgenError: a picture cannot be read, or a set has fewer than two.
    """
    for name, pictures in (("synthetic", synthetic), ("real", real)):
        if len(pictures) < 2:
            raise SimgenError(f"{name}={pictures.root}: distances need 2 pictures or more, not 1")
    unlabelled = [s.name for s in (synthetic, real) if not s.labelled]
    note = f"{unlabelled[0]} has no boxes: objects are not compared" if unlabelled else None
    ours, theirs = _features(wholes(synthetic), wholes(real), backbone, "pictures")
    found = figures(ours, theirs, "images", backbone, seed, note)
    if note:
        log.info(note)
    else:
        found += _of_objects(synthetic, real, backbone, seed)
    return found, find_copies(synthetic, real, ours, theirs)


def _of_objects(
    synthetic: Pictures, real: Pictures, backbone: Backbone, seed: int
) -> list[dict[str, Any]]:
    rng = stream(seed, 0, "objects")
    sides = [objects(pictures, MOST_OBJECTS, rng) for pictures in (synthetic, real)]
    log.info("%s: objects of both sets", backbone.name)
    shown = _features(*sides, backbone, "pictures")
    return figures(*shown, "crops", backbone, seed)


def _features(
    synthetic: Sequence[Subject], real: Sequence[Subject], backbone: Backbone, what: str
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N, D) and (M, D) float32; a picture that is in both has the same features."""
    cache = FeatureCache.of(backbone)
    found = features([*synthetic, *real], backbone, cache, what)
    nothing = np.zeros((0, backbone.dims), np.float32)
    parts = found[: len(synthetic)], found[len(synthetic) :]
    ours, theirs = (np.concatenate([nothing, *part]) for part in parts)
    return ours, theirs
