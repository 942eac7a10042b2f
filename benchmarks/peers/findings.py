"""Tables of what a peer's labels turned out to be."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from against_truth import Verdict
from rich.table import Table

from simgen.frame import Truth

SIZES = ((1, 16), (16, 256), (256, 4096), (4096, 1 << 30))


def labels(verdicts: dict[str, Sequence[Verdict]], strays: dict[str, int]) -> Table:
    """Returns one column for each COCO folder, one row for each measure."""
    columns = {name: _measures(of, strays[name]) for name, of in verdicts.items()}
    table = Table("COCO annotations against ray-cast truth", *columns)
    for measure in next(iter(columns.values())):
        table.add_row(measure, *(column[measure] for column in columns.values()))
    return table


def _measures(verdicts: Sequence[Verdict], strays: int) -> dict[str, str]:
    said = [v for v in verdicts if v.labelled]
    missing = sorted(v.area for v in verdicts if not v.labelled)
    holed, solid = [v for v in said if v.holes], [v for v in said if not v.holes]
    wrong = [abs(v.stated - v.area) for v in said]
    own = [v for v in said if v.stated != v.covered]
    iou = np.array([v.iou for v in said])
    return {
        "objects that show a pixel": str(len(verdicts)),
        "left out (their true pixels)": f"{len(missing)} {missing or ''}",
        "annotations of nothing": str(strays),
        "boxes off (farthest, px)": _off([v.box_off for v in said]),
        "stated areas off (most, px)": _off(wrong),
        "masks equal to the truth": f"{(iou == 1).sum()} of {len(said)}",
        "mask IoU: least, 5 %, median": _low(iou),
        "... if moved half a pixel": _low(np.array([v.half_iou for v in said])),
        "... of objects with holes": _low(np.array([v.iou for v in holed])),
        "... median without holes, by true area": ", ".join(_by_size(solid)),
        "masks without a pixel": str(sum(v.covered == 0 for v in said)),
        "stated areas unlike their own masks": f"{len(own)} of {len(said)}",
        "objects with holes, some filled": f"{sum(v.filled > 0 for v in holed)} of {len(holed)}",
        "pixels of holes, filled": f"{sum(v.filled for v in holed)} of "
        f"{sum(v.holes for v in holed)}",
    }


def _off(errors: Sequence[float]) -> str:
    return f"{sum(error > 0 for error in errors)} ({max(errors):g})"


def _low(values: np.ndarray) -> str:
    return " ".join(f"{np.quantile(values, q):.3f}" for q in (0, 0.05, 0.5))


def _by_size(said: Sequence[Verdict]) -> list[str]:
    groups = [[v.iou for v in said if low <= v.area < high] for low, high in SIZES]
    return [
        f"{low}+ px {np.median(group):.3f} ({len(group)})"
        for (low, _), group in zip(SIZES, groups)
        if group
    ]


def passes(truths: Sequence[Truth], folder: Path) -> Table:
    """Returns what the renderer's own instance map and depth are, before any file format."""
    files = [np.load(folder / f"{i}.npz") for i in range(len(truths))]
    seen, true = (np.stack([file["instance"] for file in files]), _stack(truths, "instance"))
    found, depth = np.stack([file["depth"] for file in files]), _stack(truths, "depth")
    same = (seen == true) & np.isfinite(depth)
    error = np.abs(found[same].astype(float) / depth[same] - 1)
    table = Table("Passes as rendered, all pixels", "")
    table.add_row("instance map: pixels that differ", f"{(seen != true).sum()} of {true.size}")
    table.add_row("depth, same object: relative error, median", f"{np.median(error):.1e}")
    table.add_row("... pixels above 0.1 %", f"{(error > 1e-3).sum()} of {error.size}")
    nothing = found[~np.isfinite(depth) & (seen == 0)]
    table.add_row("depth where nothing is", f"{nothing.min():g} to {nothing.max():g}")
    return table


def _stack(truths: Sequence[Truth], name: str) -> np.ndarray:
    return np.stack([getattr(truth, name) for truth in truths])


def licence(folder: Path) -> str:
    """Returns what the COCO file says of its own licence and origin."""
    data = json.loads((folder / "coco_annotations.json").read_text())
    names = ", ".join(licence["name"] for licence in data["licenses"])
    return f"licence stated: {names}; origin stated: {data['info'].get('url')}"
