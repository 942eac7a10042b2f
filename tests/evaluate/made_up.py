"""A metrics.json with every key, made up but not at random, and two folders of painted pictures."""

import json
from math import exp
from pathlib import Path

import cv2
import numpy as np

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
CATEGORIES = ("ace", "jack", "king", "nine", "queen", "ten")
COMMAND = "python -m simgen.evaluate synthetic=out/cards real=photos seed=0"
_KINDS = {"real": 0.80, "synthetic": 0.74, "mixed": 0.86, "finetuned": 0.84}


def painted(folder: Path, count: int, hue: int) -> Path:
    """Makes a folder of pictures of one hue (0 to 179), each with a square elsewhere."""
    folder.mkdir(parents=True)
    for i in range(count):
        hsv = np.full((60, 80, 3), (hue, 120, 90 + 10 * (i % 10)), np.uint8)
        cv2.rectangle(hsv, (5 * i % 60, 10), (5 * i % 60 + 15, 25), (hue, 40, 240), -1)
        cv2.imwrite(str(folder / f"{i:03d}.png"), cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR))
    return folder


def metrics(synthetic: str, real: str) -> dict:
    """Returns the content of a finished metrics.json about two folders."""
    return {
        "command": COMMAND,
        "versions": {"simgen": "0.1.0", "torch": "2.13.0+cpu", "numpy": "1.26.4"},
        "machine": "2 cores, no GPU",
        "synthetic": _side(synthetic, "cards", 400, 1204),
        "real": _side(real, "photos", 296, 527),
        "distances": _distances(),
        "copies": _copies(),
        "gap": _gaps(),
        "transfer": _transfer(),
    }


def write(out: Path, content: dict) -> Path:
    """Puts metrics.json and a picture of misses into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(content))
    misses = np.zeros((200, 640, 3), np.uint8)
    misses[:, ::40] = 255
    cv2.imwrite(str(out / "misses.png"), misses)
    return out


def _side(folder: str, name: str, pictures: int, boxes: int) -> dict:
    return {
        "folder": folder,
        "name": name,
        "pictures": pictures,
        "boxes": boxes,
        "digest": SHA256[::-1],
    }


def _distances() -> list[dict]:
    shared = {
        "synthetic": 400,
        "real": 296,
        "seed": 0,
        "backbone": "efficientnet_lite0",
        "weights_sha256": SHA256,
    }
    rows = [
        ("kid_efficientnet_lite0", "images", 0.0832, 0.0021, "lower", None),
        ("frechet_efficientnet_lite0", "images", 61.4, None, "lower", "too few pictures for it"),
        ("precision_efficientnet_lite0", "images", 0.61, None, "higher", None),
        ("recall_efficientnet_lite0", "images", 0.34, None, "higher", None),
        ("density_efficientnet_lite0", "images", 0.48, None, "higher", None),
        ("coverage_efficientnet_lite0", "images", 0.52, None, "higher", None),
        ("kid_efficientnet_lite0", "crops", 0.0412, 0.0017, "lower", None),
    ]
    keys = ("name", "of", "value", "error", "better", "note")
    return [dict(zip(keys, row)) | shared for row in rows]


def _copies() -> dict:
    pairs = [(f"{i:03d}.png", f"{(i * 5) % 12:03d}.png", 0.21 + 0.03 * i) for i in range(6)]
    return {
        "synthetic_of_real": [dict(zip(("synthetic", "real", "distance"), p)) for p in pairs],
        "synthetic_of_synthetic": [
            {"synthetic": a, "other": b, "distance": d + 0.05} for a, b, d in pairs[:3]
        ],
        "threshold": 0.1,
        "checked": 400,
    }


def _gaps() -> list[dict]:
    moved = {
        "brightness": (0.9, "sensor.exposure_ev=[normal,-0.45,0.4,-1.3,0.6]", "real is darker"),
        "saturation": (0.5, "sensor.saturation=[uniform,0.7,0.95]", "real is paler"),
        "box_size": (1.3, "randomize.camera.distance_m=[loguniform,0.3,1.1]", "boxes too large"),
        "sharpness": (0.2, "sensor.blur_px=[uniform,0.5,1.4]", "real is softer"),
        "count": (0.05, "", ""),
        "jpeg_quality": (1.8, "", ""),
    }
    return [_gap(name, *values) for name, values in moved.items()]


def _gap(name: str, distance: float, override: str, why: str) -> dict:
    edges = [i / 16 for i in range(17)]

    def counted(middle: float, n: int) -> dict:
        shape = [exp(-(((e + 1 / 32 - middle) / 0.17) ** 2)) for e in edges[:-1]]
        counts = [round(n * s / sum(shape)) for s in shape]
        return {"n": sum(counts), "pictures": n, "mean": middle, "counts": counts}

    return {
        "statistic": name,
        "of": "boxes" if name == "box_size" else "pictures",
        "seed": None,
        "distance": distance,
        "synthetic": counted(0.4 + 0.2 * distance, 400),
        "real": counted(0.4, 296),
        "edges": edges,
        "unit": "octaves",
        "note": None,
        "prescriptions": [{"override": override, "why": why}] if override else [],
    }


def _transfer() -> dict:
    sets = [("synthetic", 0, n) for n in (50, 100, 200, 400)]
    for share in (0.05, 0.1, 0.25, 0.5, 1.0):
        sets += [(kind, share, 400) for kind in ("real", "mixed", "finetuned")]
    runs = [_run(*made, seed) for made in sets for seed in range(3)]
    return {
        "runs": runs,
        "table": [],
        "test": {"pictures": 96, "boxes": 171, "digest": SHA256},
        "analysed": "mixed-real100-synthetic100-seed0",
        "misses": "misses.png",
        "detector": "fcos_efficientnet_lite0",
        "weights_sha256": SHA256,
        "confusion": _confusion(),
        "slices": _slices(),
    }


def _confusion() -> dict:
    size = len(CATEGORIES)
    matrix = [[2 * ((i + j) % 4 == 1) for j in range(size + 1)] for i in range(size + 1)]
    for i in range(size):
        matrix[i][i] = 22 + i
    return {
        "iou": 0.5,
        "score": 0.31,
        "f1": 0.86,
        "chosen": "the score with the highest F1 on these same pictures",
        "labels": [*CATEGORIES, "background"],
        "matrix": matrix,
    }


def _slices() -> list[dict]:
    rows = []
    for k, by in enumerate(("box_size", "brightness", "blur", "clutter")):
        bins = [
            {
                **({"from": 0.25 * i, "to": 0.25 * (i + 1)} if k < 3 else {"value": i + 1}),
                "pictures": 24,
                "boxes": 43,
                "ap50": 0.55 + 0.1 * i - 0.05 * k * i,
                "low": 0.45 + 0.1 * i - 0.05 * k * i,
                "high": 0.65 + 0.08 * i - 0.05 * k * i,
                "loss": 0.3 - 0.1 * i,
                "p": 0.01 if k == i == 0 else 0.4,
                "stands_out": k == i == 0,
            }
            for i in range(4)
        ]
        of = "synthetic" if k == 3 else "real"
        rows.append({"of": of, "by": by, "ap50": 0.854, "weakest": 0, "bins": bins})
    return rows


def _run(kind: str, share: float, synthetic: int, seed: int) -> dict:
    grown = share if kind == "real" else 0.5 + 0.5 * share
    grown = synthetic / 400 if kind == "synthetic" else grown
    ap50 = _KINDS[kind] * (1 - exp(-5 * grown)) + 0.03 * (seed - 1) * (1.2 - grown)
    real, synthetic = round(200 * share), 0 if kind == "real" else synthetic
    return {
        "id": f"{kind}-{real}-{synthetic}-{seed}",
        "training": kind,
        "real": real,
        "synthetic": synthetic,
        "real_share": share,
        "seed": seed,
        "steps": 1200,
        "seconds": 260.0,
        "ap": ap50 * 0.46,
        "ap50": ap50,
        "ap75": ap50 * 0.4,
        "ap_small": None,
        "ap_medium": ap50 * 0.38,
        "ap_large": ap50 * 0.5,
        "classes": {name: min(1.0, ap50 + 0.02 * (i - 3)) for i, name in enumerate(CATEGORIES)},
        "classes_ap": {name: 0.46 * ap50 + 0.01 * i for i, name in enumerate(CATEGORIES)},
    }
