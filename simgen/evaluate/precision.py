"""Average precision, by COCO's own code.

A picture's boxes count by the area that its annotation states (COCO's is the mask's), else by the
box's; regions marked crowd are neither hits nor misses.
"""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.evaluate.detections import Detections
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures

_SUMMARY = {"ap": 0, "ap50": 1, "ap75": 2, "ap_small": 3, "ap_medium": 4, "ap_large": 5, "ar": 8}


def precision(pictures: Pictures, detections: Sequence[Detections]) -> dict[str, Any]:
    """Returns COCO's summary of one detector on labelled pictures.

    Args:
        detections: of each picture, in their order; more than 100 of a class in one picture are
            cut to the surest 100, as COCO does.

    Returns:
        ap: mean over IoU 0.50 to 0.95 and the categories. ap50, ap75: at one IoU.
        ap_small, ap_medium, ap_large: of boxes below 32^2, below 96^2 and from 96^2 px on.
        ar: recall, mean over IoU 0.50 to 0.95, at 100 detections a picture.
        classes: AP50 by category. classes_ap: AP by category.
        All 0 to 1; None where there is no box to be found.

    Raises:
        ValueError: the number of pictures differs, or a label is no index of the categories.
    """
    evaluation = evaluated(pictures, detections)
    with redirect_stdout(io.StringIO()):
        evaluation.accumulate()
        evaluation.summarize()
    curves = evaluation.eval["precision"][:, :, :, 0, -1]  # (IoU, recall, category)
    names = pictures.categories
    return {
        **{name: _known(evaluation.stats[i]) for name, i in _SUMMARY.items()},
        "classes": {name: _known(curves[0, :, k].mean()) for k, name in enumerate(names)},
        "classes_ap": {name: _known(curves[:, :, k].mean()) for k, name in enumerate(names)},
    }


def evaluated(
    pictures: Pictures, detections: Sequence[Detections], only_50: bool = False
) -> COCOeval:
    """Returns COCO's matching, before it is summed up; image and category ids count from 1.

    Args:
        only_50: match at IoU 0.5 and all sizes alone, which is some forty times less work.

    Raises:
        ValueError: as `precision`.
    """
    if len(detections) != len(pictures):
        raise ValueError(f"{len(detections)} detections for {len(pictures)} pictures")
    truth = [_truth(picture, i) for i, picture in enumerate(pictures.pictures, 1)]
    found = [_found(each, i, len(pictures.categories)) for i, each in enumerate(detections, 1)]
    with redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_coco(pictures, truth), _coco(pictures, found), "bbox")
        if only_50:
            evaluation.params.iouThrs = np.array([0.5])
            evaluation.params.areaRng = evaluation.params.areaRng[:1]
            evaluation.params.areaRngLbl = evaluation.params.areaRngLbl[:1]
        evaluation.evaluate()
    return evaluation


def _known(value: float) -> float | None:
    return None if value < 0 else round(float(value), 12)  # COCO's 1 is 0.9999999999999998


def _coco(pictures: Pictures, entries: list[list[dict]]) -> COCO:
    coco = COCO()
    flat = [entry for each in entries for entry in each]
    coco.dataset = {
        "images": [{"id": i} for i in range(1, len(pictures) + 1)],
        "categories": [{"id": k} for k in range(1, len(pictures.categories) + 1)],
        # An id of 0 would read as "no match" in COCOeval.
        "annotations": [{"id": number, **entry} for number, entry in enumerate(flat, 1)],
    }
    coco.createIndex()
    return coco


def _truth(picture: Picture, image: int) -> list[dict]:
    noted = [entry.get("area") for entry in picture.annotations] or [None] * len(picture.boxes)
    boxes, labels = picture.boxes.tolist(), picture.labels.tolist()
    return [
        {
            "image_id": image,
            "category_id": label + 1,
            "bbox": box,
            "area": area if type(area) in (int, float) else box[2] * box[3],
            "iscrowd": int(crowd),
        }
        for box, label, crowd, area in zip(boxes, labels, picture.crowd, noted)
    ]


def _found(found: Detections, image: int, categories: int) -> list[dict]:
    if len(found) and not 0 <= found.labels.min() <= found.labels.max() < categories:
        raise ValueError(f"picture {image}: labels must be indices of {categories} categories")
    boxes, scores, labels = found.boxes.tolist(), found.scores.tolist(), found.labels.tolist()
    return [
        {
            "image_id": image,
            "category_id": label + 1,
            "bbox": box,
            "area": box[2] * box[3],
            "score": score,
        }
        for box, score, label in zip(boxes, scores, labels)
    ]
