"""Files of a stranger's that are made to do harm: each is a finding, in bounded memory and time."""

import json
import os
import struct
import zlib

import cv2
import numpy as np
import pytest

from simgen.audit.__main__ import main
from simgen.audit.audit import audit
from simgen.audit.bounds import flaw
from simgen.audit.finding import check
from simgen.audit.folder import Folder
from simgen.audit.formats import (
    decode_exr,
    decode_flo,
    decode_image,
    decode_pages,
    decode_ply,
    header_size,
)
from simgen.audit.reading import Unreadable, read
from simgen.generate import generate
from simgen.props import names, shapes
from simgen.spec import Shape
from simgen.writers.exr import encode_exr
from tests.audit.test_folders import findings, put, square
from tests.composing import painted

NOISE = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "a\\..\\b.png", "..", "a\nb.png", "", "x" * 5000]
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    folder = put(tmp_path / "folder", [square()])
    (tmp_path / "secret.png").write_bytes(cv2.imencode(".png", NOISE)[1])
    content = json.loads((folder / "instances.json").read_bytes())
    content["images"][0]["file_name"] = name
    (folder / "instances.json").write_text(json.dumps(content))
    assert {"readable", "image"} & set(findings(folder))


def test_links_that_lead_out_of_the_folder_are_refused(tmp_path):
    folder = put(tmp_path / "folder", [square()])
    (folder / "images/1.png").rename(tmp_path / "outside.png")
    (folder / "images/1.png").symlink_to(tmp_path / "outside.png")
    assert "readable" in findings(folder)


def test_names_cannot_write_on_the_terminal_or_end_the_audit(tmp_path, capsys):
    put(tmp_path, [square("\x1b[2J\npassed", category_id=3)])
    for name in (b"\xff\xfe.png", b"a\n\x1b[2J.png"):
        (tmp_path / "images" / os.fsdecode(name)).write_bytes(b"")
    assert main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "\x1b" not in printed and r"\x1b[2J\npassed" in printed
    assert r"images/\xff\xfe.png" in printed and r"images/a\n\x1b[2J.png" in printed


def test_pipes_and_folders_are_no_files(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unreadable, match="folder: "):
        read(tmp_path, "folder")


def test_a_file_larger_than_allowed_is_not_read(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 3_000_000)
    with pytest.raises(Unreadable, match="2 MiB are too many"):
        read(tmp_path, "large", limit=1_000_000)


def png(width, height, data=b""):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data, reason",
    [
        (png(60_000, 60_000), "60000x60000 pixels are too many"),
        (png(2**31 - 1, 1), "too many"),
        (png(64, 48)[:-20], "cut off"),
        (cv2.imencode(".png", NOISE)[1].tobytes()[:-1], "cut off"),
        (cv2.imencode(".jpg", NOISE)[1].tobytes()[:500], "cut off"),
        (b"", "cannot be decoded"),
        (b"\xff\xd8\xff\xd9", "cannot be decoded"),
        (b"no image", "cannot be decoded"),
    ],
)
def test_images_that_cannot_be_decoded(data, reason):
    with pytest.raises(Unreadable, match=reason):
        decode_image(data, "image")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_headers_say_what_decoders_find(suffix):
    data = cv2.imencode(suffix, NOISE)[1].tobytes()
    assert header_size(data) == (64, 48)
    assert decode_image(data, "image").shape == (48, 64, 3)
    assert header_size(data[:10]) is None


@pytest.mark.parametrize("at", range(0, 300, 7))
def test_a_damaged_exr_is_told_or_decoded(at):
    """Any byte of its header may be anything."""
    data = bytearray(encode_exr("Z", np.ones((48, 64), np.float32)))
    data[at] ^= 0xFF
    try:
        assert decode_exr(bytes(data), "depth", "Z", (48, 64)).shape == (48, 64)
    except Unreadable:
        pass


def test_an_exr_of_another_size_or_channel_is_told():
    data = encode_exr("Z", np.ones((48, 64), np.float32))
    with pytest.raises(Unreadable, match="it is 64x48, the image 32x24"):
        decode_exr(data, "depth", "Z", (24, 32))
    with pytest.raises(Unreadable, match="no channel Y"):
        decode_exr(data, "depth", "Y", (48, 64))


@pytest.mark.parametrize(
    "data",
    [b"", struct.pack("<fii", 202021.25, 4, 4), struct.pack("<fii", 1, 4, 4) + bytes(128)],
)
def test_a_flo_that_is_none(data):
    with pytest.raises(Unreadable):
        decode_flo(data, "flow", (4, 4))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1",
        b"ply\nformat binary_little_endian 1.0\nelement vertex 9999999999999\n"
        b"property float x\nend_header\n1234",
        b"ply\nformat binary_little_endian 1.0\nelement vertex 1\nproperty list uchar int x\n"
        b"end_header\n1234",
    ],
)
def test_a_ply_that_is_none(data):
    with pytest.raises(Unreadable):
        decode_ply(data, "points")


def test_a_tiff_that_is_none():
    with pytest.raises(Unreadable):
        decode_pages(b"II*\0 no tiff", "amodal", 3)


@pytest.mark.parametrize(
    "segmentation",
    [
        [[1e308, 1e308, -1e308, 1e308, 0, 0]],
        [[0, 0, 0, 0, 0, 0]],
        [[0] * 200_000],
        {"size": [80, 100], "counts": "o" * 100_000},
        {"size": [10**9, 10**9], "counts": [10**18]},
        {"size": [80, 100], "counts": [0] * 50_000},
        {"size": "ab", "counts": {}},
        [[[[]]]],
        {"counts": 1},
        7,
    ],
)
def test_segmentations_made_to_do_harm(tmp_path, segmentation):
    found = findings(put(tmp_path, [square(segmentation=segmentation)]))
    assert found


@pytest.mark.parametrize("entry", ["null", "7", '"x"', "[]", "{}", '{"id": {}, "image_id": []}'])
def test_annotations_that_are_none(tmp_path, entry):
    put(tmp_path, [])
    text = (tmp_path / "instances.json").read_text()
    (tmp_path / "instances.json").write_text(
        text.replace('"annotations": []', f'"annotations": [{entry}]')
    )
    try:
        assert findings(tmp_path)
    except Unreadable as error:
        assert "annotation" in str(error)


@pytest.mark.parametrize(
    "shape",
    [
        Shape.of("rack", bays=10**8),
        Shape.of("rack", bays=1000, levels=tuple(0.3 * i for i in range(1, 1000)), height=1e3),
        Shape.of("rack", height=1e300),
        Shape.of("marking", areas=((0, 0, 10**9, 10**9),)),
        Shape.of("stillage", pitch=1e-9),
        Shape.of("carton", label="x" * 10**6),
        Shape.of("defective", base="rack", base_params=(("bays", 10**8),), kind="dent"),
        Shape.of("defective", base="rack", base_params=(1, 2, 3), kind="dent"),
    ],
)
def test_shapes_that_would_never_be_built(shape):
    assert flaw(shape)


def test_shapes_of_every_prop_may_be_built():
    large = Shape.of(
        "marking", lines=tuple((0.0, 0.1 * i, 90.0, 0.1) for i in range(100)), areas=((0.0,) * 4,)
    )
    assert not any(map(flaw, [large, *(shape for name in names() for shape in shapes(name))]))


def test_a_mesh_bomb_is_one_finding(tmp_path, capsys):
    folder = tmp_path / "made"
    generate(painted(f"out={folder}", "scene=single", "resolution=[96,72]", "frames=1"))
    path = folder / "records/000000.json"
    record = json.loads(path.read_bytes())
    record["spec"]["shapes"][0] = {"prop": "rack", "params": {"bays": 10**8}}
    path.write_text(json.dumps(record))
    assert main([str(folder), "--jobs", "1"]) == 1
    assert "too large to be built: bays=100000000" in capsys.readouterr().out


def test_odd_values_in_questions_about_all_frames_are_findings(tmp_path):
    def odd(_):
        """Nothing."""
        yield {}["a\nb"]

    def noted(_):
        """Nothing."""

    checks = [
        check("annotations", file="annotations", whole=True)(odd),
        check("annotations", conclude=odd)(noted),
    ]
    outcomes = audit(Folder.open(put(tmp_path, [square()])), checks=checks).outcomes
    for name in ("odd", "noted"):
        assert outcomes[name].errors == 1
        assert "cannot be carried out: KeyError" in outcomes[name].findings[0].message
