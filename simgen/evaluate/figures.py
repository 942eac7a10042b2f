"""Every distance that is told of two sets of features, with all that it takes to repeat it."""

import logging
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from simgen.evaluate.features import Backbone
from simgen.evaluate.frechet import frechet_distance, gaussian
from simgen.evaluate.kernel import kid
from simgen.evaluate.manifold import manifold, vendi_score
from simgen.rng import stream

log = logging.getLogger(__name__)
NEIGHBOURS = 5
_MOST = 10_000  # features of a set, in what takes time as their square
_AT_ONCE = 8192  # features that are turned into float64
_ENOUGH = 10  # features for each dimension, for a Fréchet distance
_INCEPTION = "inception_v3"  # the only network whose Fréchet distance is called FID


def figures(
    synthetic: np.ndarray,
    real: np.ndarray,
    of: str,
    backbone: Backbone,
    seed: int,
    note: str | None = None,
) -> list[dict[str, Any]]:
    """Returns the figures of (N, D) and (M, D) features, the one to read first at the head.

    Args:
        of: 'images' or 'crops'.
        note: what is to be known of the first.
    """
    if min(len(synthetic), len(real)) < 2:
        log.warning("%s: %d synthetic, %d real: too few", of, len(synthetic), len(real))
        return []
    found = [
        _kid(synthetic, real, stream(seed, 0, f"kid/{of}"), note),
        _frechet(synthetic, real, backbone),
        *_manifold(synthetic, real, stream(seed, 0, f"manifold/{of}")),
        *_variety(synthetic, real, stream(seed, 0, f"vendi/{of}")),
    ]
    about = {
        "of": of,
        "synthetic": len(synthetic),
        "real": len(real),
        "seed": seed,
        "backbone": backbone.name,
        "weights_sha256": backbone.weights_sha256,
    }
    return [_named(figure, backbone.name) | about for figure in found]


def _named(figure: dict[str, Any], backbone: str) -> dict[str, Any]:
    name = figure["name"]
    if name == "fd" and backbone == _INCEPTION:
        return figure | {"name": "fid"}
    return figure | {"name": f"{name}_{backbone}"}


def _figure(name, value, better, error=None, note=None) -> dict[str, Any]:
    return {"name": name, "value": value, "error": error, "better": better, "note": note}


def _kid(synthetic, real, rng: np.random.Generator, note: str | None) -> dict[str, Any]:
    found = kid(synthetic, real, rng)
    error = None if math.isnan(found.error) else found.error
    return _figure("kid", found.value, "lower", error, note)


def _frechet(synthetic, real, backbone: Backbone) -> dict[str, Any]:
    value = frechet_distance(*(gaussian(_batches(x)) for x in (synthetic, real)))
    enough, fewest = _ENOUGH * backbone.dims, min(len(synthetic), len(real))
    if fewest >= enough:
        return _figure("fd", value, "lower")
    note = (
        f"too high, as {fewest} are few for {backbone.dims} dimensions ({enough} would do): "
        "read the KID"
    )
    log.warning("the Fréchet distance is %s", note)
    return _figure("fd", value, "lower", note=note)


def _batches(x: np.ndarray) -> Iterator[np.ndarray]:
    return (x[i : i + _AT_ONCE] for i in range(0, len(x), _AT_ONCE))


def _manifold(synthetic, real, rng: np.random.Generator) -> list[dict[str, Any]]:
    if min(len(synthetic), len(real)) <= NEIGHBOURS:
        log.warning("precision and recall are left out: they need more than %d", NEIGHBOURS)
        return []
    found = manifold(*(_some(x, _MOST, rng) for x in (synthetic, real)), NEIGHBOURS)
    note = f"{NEIGHBOURS} neighbours"
    if max(len(synthetic), len(real)) > _MOST:
        note += f", of {_MOST} drawn from the larger set"
    names = ("precision", "recall", "density", "coverage")
    return [_figure(name, getattr(found, name), "higher", note=note) for name in names]


def _variety(synthetic, real, rng: np.random.Generator) -> list[dict[str, Any]]:
    count = min(len(synthetic), len(real))
    ours, theirs = (vendi_score(_some(x, count, rng)) for x in (synthetic, real))
    note = f"how many different ones there are among {count}, in effect"
    return [
        _figure("vendi", ours, "higher", note=note),
        _figure("vendi_real", theirs, "higher", note=f"{note}: of the real, to compare with"),
    ]


def _some(x: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    return x if len(x) <= most else x[rng.permutation(len(x))[:most]]
