"""Lies about boxes, areas and masks."""

import cv2
import numpy as np

from tests.audit.forgery import coded
from tests.audit.lies.telling import HEIGHT, WIDTH, biggest, lie


@lie("box")
def box_off_by_one(copy):
    copy.labels(0)[3]["box"][0] += 1


@lie("box")
def box_of_corners(copy):
    """x0, y0, x1, y1 instead of x, y, w, h."""
    label = copy.label(1, biggest(copy, 1))
    x, y, w, h = label["box"]
    label["box"] = [x, y, x + w, y + h]


@lie("area")
def area_of_the_box(copy):
    for label in copy.labels(2):
        label["area"] = label["box"][2] * label["box"][3]
        label["visible_fraction"] = label["area"] / label["amodal_area"]


@lie("map_masks")
def mirrored_mask(copy):
    number = biggest(copy, 1)
    mask, (x, y, w, h) = copy.mask(1, number), copy.label(1, number)["box"]
    mask[y : y + h, x : x + w] = mask[y : y + h, x : x + w][:, ::-1].copy()
    copy.put_mask(1, number, mask)


@lie("map_masks")
def eroded_mask(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, cv2.erode(copy.mask(1, number).astype(np.uint8), None) > 0)


@lie("map_masks")
def dilated_mask(copy):
    number = biggest(copy, 3)
    copy.put_mask(3, number, cv2.dilate(copy.mask(3, number).astype(np.uint8), None) > 0)


@lie("map_masks")
def filled_hole(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, filled(copy.mask(1, number)))


def filled(mask):
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros(mask.shape, np.uint8), outlines, -1, 1, cv2.FILLED) > 0
    assert (whole & ~mask).any(), "nothing to fill"
    return whole


@lie("map_masks")
def mask_shifted(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, np.roll(copy.mask(1, number), 1, axis=1))


@lie("mask")
def rle_of_wrong_size(copy):
    label = copy.labels(0)[0]
    label["mask"]["size"] = [HEIGHT * 2, WIDTH]


@lie("mask")
def rle_too_short(copy):
    label = copy.labels(0)[0]
    label["mask"]["counts"] = label["mask"]["counts"][:-2]


@lie("mask")
def rle_of_endless_runs(copy):
    copy.labels(0)[0]["mask"]["counts"] = "oooooooooooooooooooooo0"


@lie("mask")
def rle_of_rows(copy):
    """Transposed: pixels counted along rows, as other tools do."""
    label = copy.label(1, biggest(copy, 1))
    label["mask"] = coded(np.ascontiguousarray(copy.mask(1, label["id"]).T))[0]
