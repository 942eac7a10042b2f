"""Lies about whole silhouettes, hidden parts included."""

import cv2
import numpy as np

from tests.audit.lies.telling import HEIGHT, WIDTH, biggest, half_hidden, lie


@lie("amodal_on_mesh")
def amodal_is_modal(copy):
    number = half_hidden(copy, 3)
    copy.put_amodal(3, number, copy.mask(3, number))


@lie("amodal_on_mesh")
def amodal_is_the_box(copy):
    number = biggest(copy, 1)
    x, y, w, h = copy.label(1, number)["amodal_box"]
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[y : y + h, x : x + w] = True
    copy.put_amodal(1, number, whole)


@lie("modal_in_amodal")
def amodal_too_small(copy):
    number = biggest(copy, 1)
    whole = copy.mask(1, number, "amodal_mask")
    copy.put_amodal(1, number, cv2.erode(whole.astype(np.uint8), None) > 0)


@lie("amodal_mask")
def amodal_rle_too_short(copy):
    label = copy.labels(0)[0]
    label["amodal_mask"]["counts"] = label["amodal_mask"]["counts"][:-1]


@lie("box_in_cuboid")
def amodal_beyond_the_cuboid(copy):
    number = biggest(copy, 1)
    whole = copy.mask(1, number, "amodal_mask").astype(np.uint8)
    copy.put_amodal(1, number, cv2.dilate(whole, np.ones((9, 9), np.uint8)) > 0)


@lie("amodal_box")
def amodal_box_is_the_visible(copy):
    label = copy.label(3, half_hidden(copy, 3))
    label["amodal_box"] = [*label["box"][:2], label["box"][2], label["box"][3] - 1]


@lie("amodal_area")
def amodal_area_of_the_box(copy):
    label = copy.label(1, biggest(copy, 1))
    label["amodal_area"] = label["amodal_box"][2] * label["amodal_box"][3]


@lie("visible_fraction")
def visibility_inverted(copy):
    for label in copy.labels(3):
        label["visible_fraction"] = 1 - label["visible_fraction"]


@lie("occluders")
def occluder_swapped(copy):
    hidden = copy.label(3, half_hidden(copy, 3))
    hidden["occluders"][0][0] += 1


@lie("truncation")
def truncated_in_the_middle(copy):
    inside = next(
        label
        for label in copy.labels(1)
        if all(at and 0 < at[0] < WIDTH and 0 < at[1] < HEIGHT for at in label["cuboid_px"])
    )
    assert inside["truncation"] == 0
    inside["truncation"] = 0.4
