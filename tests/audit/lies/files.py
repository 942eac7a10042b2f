"""Files that are damaged, missing, or of others."""

import re

from simgen.dataset import CONFIG
from tests.audit.lies.telling import lie


@lie("readable")
def jpeg_cut_off(copy):
    cut(copy, "images")


@lie("readable")
def png_cut_off(copy):
    cut(copy, "instance")


@lie("readable")
def png_damaged(copy):
    path = copy.path("semantic", 2)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


@lie("readable")
def exr_cut_off(copy):
    cut(copy, "depth")


@lie("readable", late=True)
def record_cut_off(copy):
    path = copy.folder / "records/000001.json"
    path.write_bytes(path.read_bytes()[:-200])


@lie("readable", late=True)
def coco_cut_off(copy):
    path = copy.folder / "annotations/instances.json"
    path.write_bytes(path.read_bytes()[:-200])


@lie("readable", late=True)
def record_of_another_frame(copy):
    data = (copy.folder / "records/000000.json").read_bytes()
    (copy.folder / "records/000001.json").write_bytes(data)


@lie("files", "readable", late=True)
def picture_missing(copy):
    copy.path("images", 2).unlink()


@lie("files", late=True)
def file_edited(copy):
    """One level of one pixel of a map that is in range everywhere."""
    copy.paint("images", 2, copy.pixels("images", 2) ^ 1)


@lie("layers")
def depth_left_out_once(copy):
    path = copy.path("depth", 2)
    del copy.records[2]["files"][path.relative_to(copy.folder).as_posix()]
    path.unlink()


@lie("agreement")
def engines_disagree(copy):
    copy.records[2]["agreement"] |= {"pixels": 0.93, "depth_pixels": 0.93, "id_pixels": 0.94}


@lie("agreement")
def impossible_agreement(copy):
    copy.records[2]["agreement"] |= {"pixels": 1.0, "depth_pixels": 0.5}


@lie("agreement")
def agreement_above_one(copy):
    copy.records[2]["agreement"] |= {"pixels": 1.2, "depth_pixels": 1.2, "id_pixels": 1.2}


@lie("agreement")
def negative_difference_of_depth(copy):
    copy.records[2]["agreement"]["depth_max"] = -0.1


@lie("agreement")
def agreement_on_a_further_view_left_out(copy):
    del copy.records[1]["views"]["right"]


@lie("agreement_asked")
def config_that_asks_for_little(copy):
    path = copy.folder / CONFIG
    text = path.read_text()
    asked = re.sub("^min_agreement: .*$", "min_agreement: 0.01", text, flags=re.MULTILINE)
    assert asked != text
    path.write_text(asked)


def cut(copy, layer):
    path = copy.path(layer, 2)
    path.write_bytes(path.read_bytes()[:-150])
