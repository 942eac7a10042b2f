"""Folders of pictures as things: sizes, categories, backs, corners, and what is wrong with them."""

import logging
import struct
import zlib

import cv2
import numpy as np
import pytest

from simgen.credits import NON_COMMERCIAL, UNKNOWN
from simgen.errors import SimgenError
from simgen.pictures import read_picture
from simgen.prints import Prints
from simgen.props import materials_of, mesh_of

SIZE = (0.06, 0.08)
RNG = np.random.default_rng(0)


def picture(path, width=60, height=80, kind=np.uint8, channels=3):
    path.parent.mkdir(parents=True, exist_ok=True)
    most = np.iinfo(kind).max
    pixels = RNG.integers(0, most, (height, width, channels), endpoint=True).astype(kind)
    if channels == 4:
        pixels[:, :, 3] = most
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def folder(tmp_path):
    picture(tmp_path / "10C.png")
    picture(tmp_path / "joker 2.jpg")
    picture(tmp_path / "signs" / "stop" / "a.png")
    (tmp_path / "read me.txt").write_text("hello")
    picture(tmp_path / ".hidden" / "b.png")
    return tmp_path


def manifest(folder, text):
    (folder / "manifest.yaml").write_text(text)


def test_each_picture_is_a_thing_named_by_its_place(folder):
    prints = Prints.open(str(folder), SIZE)
    assert [p.name for p in prints.prints] == ["10C.png", "joker 2.jpg", "signs/stop/a.png"]
    assert list(prints.bodies) == ["10C", "joker", "signs"]
    (body,) = prints.bodies["10C"]
    assert np.allclose(mesh_of(body.shape).size, (0.06, 0.08, 0.0003))
    assert materials_of(body)["front"].image == str(folder / "10C.png")
    assert body.position == (0, 0, 0) and body.category == "10C"


def test_two_runs_open_the_same(folder):
    assert Prints.open(str(folder), SIZE) == Prints.open(str(folder), SIZE)


def test_a_manifest_says_size_category_corners_back_and_licence(folder):
    picture(folder / "backs" / "red.png")
    manifest(
        folder,
        """
        defaults: {licence: CC-BY-NC-4.0, source: a friend, back: backs/red.png}
        files:
          10C.png: {category: ten, size_m: [0.6, 0.8], corner_radius_m: 0.05, thickness_m: 0.01}
          signs: {category: sign, back: "#ff8000", licence: CC0-1.0}
        """,
    )
    prints = Prints.open(str(folder), SIZE)
    assert list(prints.bodies) == ["joker", "sign", "ten"]
    ten, sign = prints.bodies["ten"][0], prints.bodies["sign"][0]
    assert dict(ten.shape.params) == {
        "x": 0.6, "y": 0.8, "thickness": 0.01, "corner_radius": 0.05
    }  # fmt: skip
    assert ten.materials["back"].image == str(folder / "backs" / "red.png")
    assert sign.materials["back"].color == pytest.approx((1, 0.2159, 0), abs=1e-3)
    assert [a.flag for a in prints.assets] == [NON_COMMERCIAL, NON_COMMERCIAL, ""]
    assert prints.assets[0].source == "a friend"


def test_whatever_changes_a_print_changes_its_digest(folder):
    def digest():
        return Prints.open(str(folder), SIZE).assets[0].digest

    picture(folder / "red.png")
    digests = [digest()]
    for text in (
        "back: '#ff0000'", "back: '#ff0001'", "back: red.png", "size_m: [0.061, 0.08]",
        "thickness_m: 0.001", "corner_radius_m: 0.001", "category: ten",
    ):  # fmt: skip
        manifest(folder, f"files: {{10C.png: {{{text}}}}}")
        digests.append(digest())
    manifest(folder, "files: {10C.png: {back: red.png}}")
    picture(folder / "red.png")
    digests.append(digest())
    (folder / "manifest.yaml").unlink()
    picture(folder / "10C.png")
    digests.append(digest())
    assert len(set(digests)) == len(digests)
    assert Prints.open(str(folder), SIZE).assets[0].flag == UNKNOWN


@pytest.mark.parametrize("radius", [0.002, 0.0045, 0.01])
def test_transparent_corners_are_cut_off(tmp_path, radius):
    """To a tenth of a millimetre, though pixels of 0.17 mm are in or out as a whole."""
    path = picture(tmp_path / "a.png", 378, 528, channels=4)
    pixels, size = cv2.imread(str(path), -1), np.array([0.063, 0.088])
    y, x = (np.indices((528, 378)) + 0.5) / np.array([528, 378])[:, None, None] - 0.5
    beyond = [np.maximum(abs(w) * s - (s / 2 - radius), 0) for w, s in zip((x, y), size)]
    pixels[np.hypot(*beyond) > radius, 3] = 0
    cv2.imwrite(str(path), pixels)
    ((print_,),) = Prints.open(str(tmp_path), tuple(size)).bodies.values()
    assert dict(print_.shape.params)["corner_radius"] == pytest.approx(radius, abs=1e-4)


def test_a_round_sticker_is_round(tmp_path):
    path = picture(tmp_path / "a.png", 101, 101, channels=4)
    pixels = cv2.imread(str(path), -1)
    y, x = np.indices((101, 101)) - 50.0
    pixels[np.hypot(x, y) > 50.3, 3] = 0
    cv2.imwrite(str(path), pixels)
    ((print_,),) = Prints.open(str(tmp_path), (0.05, 0.05)).bodies.values()
    assert dict(print_.shape.params)["corner_radius"] == pytest.approx(0.025, rel=0.01)


def test_other_transparent_parts_are_paper_and_told(tmp_path, caplog):
    path = picture(tmp_path / "a.png", channels=4)
    pixels = cv2.imread(str(path), -1)
    pixels[30:50, 20:40, 3] = 0
    cv2.imwrite(str(path), pixels)
    ((print_,),) = Prints.open(str(tmp_path), SIZE).bodies.values()
    assert dict(print_.shape.params)["corner_radius"] == 0
    assert "1 of 1 pictures have transparent parts other than round corners" in caplog.text


@pytest.mark.parametrize(
    ("width", "said"), [(58, ""), (64, "a.png is printed 7 % wider than it is"),
                        (50, "a.png is printed 20 % taller than it is")],
)  # fmt: skip
def test_wrong_proportions_are_told_once(tmp_path, caplog, width, said):
    picture(tmp_path / "a.png", 60, 80)
    Prints.open(str(tmp_path), (0.001 * width, 0.08))
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(told) == bool(said) and all(said in line for line in told)


@pytest.mark.parametrize(
    ("kind", "channels", "suffix"),
    [(np.uint8, 1, "png"), (np.uint16, 3, "png"), (np.uint16, 4, "png"), (np.uint8, 1, "jpg"),
     (np.uint8, 3, "webp"), (np.uint8, 4, "tiff"), (np.uint8, 3, "bmp")],
)  # fmt: skip
def test_kinds_of_pictures_that_are_read(tmp_path, kind, channels, suffix):
    read = read_picture(picture(tmp_path / f"a.{suffix}", 30, 40, kind, channels))
    assert (read.width, read.height) == (30, 40) and read.opaque is None


def bomb(path):
    """A PNG that says that it has 30,000 x 30,000 pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)


def cut(path):
    picture(path)
    path.write_bytes(path.read_bytes()[:2000])


def turned(path):
    """A JPEG whose EXIF data says that it lies on its side (orientation 6)."""
    content = picture(path.with_suffix(".jpg")).read_bytes()
    path.with_suffix(".jpg").unlink()
    tag = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + tag + b"\0" * 4
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    path.write_bytes(content[:2] + segment + content[2:])


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("a.png", lambda path: path.write_bytes(b"no picture"), "it is no picture that can be"),
        ("a.png", lambda path: path.write_bytes(b""), "it is no picture that can be read"),
        ("a.png", cut, "it is no picture that can be read: it is damaged"),
        ("a.jpg", cut, "it is no picture that can be read: it is damaged"),
        ("a.png", bomb, "its 30000 x 30000 pixels are more than 100 million: scale it down"),
        ("a.jpg", turned, "its EXIF data turns it"),
        ("a.png", lambda path: path.symlink_to("/etc/hostname"), "it is a link, which is outside"),
    ],
)
def test_pictures_that_cannot_be_used_are_named_in_one_line(tmp_path, capfd, name, make, said):
    make(tmp_path / name)
    with pytest.raises(SimgenError) as error:
        Prints.open(str(tmp_path), SIZE)
    message = str(error.value)
    assert message.startswith(f"objects={tmp_path}: {name}: {said}") and "\n" not in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("size", "text", "said"),
    [
        (None, "", "10C.png: how large is it\\? Give scene.print_size"),
        ((0.1,), "", "^print_size=\\[0.1\\] must be \\[width, height\\]"),
        ((0.1, -0.1), "", "^print_size=-0.1 must be at least 0.001"),
        (SIZE, "files: {10C.png: {scale: 2}}", "10C.png: scale in manifest.yaml is for models"),
        (SIZE, "files: {10C.png: {size_m: 3}}", "size_m=3 must be \\[width, height\\]"),
        (SIZE, "files: {10C.png: {corner_radius_m: 0.04}}", "10C.png: flat_print: corner_radius"),
        (SIZE, "files: {11C.png: {category: a}}", "there is no '11C.png'; did you mean '10C.png'"),
        (SIZE, "files: {10C.png: {back: red.png}}", "10C.png: back='red.png' must be '#rrggbb' or"),
        (SIZE, "files: {10C.png: {back: ../red.png}}", "back='../red.png' must be '#rrggbb' or"),
    ],
)
def test_what_is_said_wrongly_is_named(folder, size, text, said):
    manifest(folder, text)
    with pytest.raises(SimgenError, match=said):
        Prints.open(str(folder), size)


def test_files_that_are_no_pictures_are_named_unless_they_are_ignored(folder):
    picture(folder / "a.jpg").rename(folder / "signs" / "photo.HEIC")
    with pytest.raises(SimgenError, match="signs/photo.HEIC: .heic files cannot be read here; co"):
        Prints.open(str(folder), SIZE)
    manifest(folder, "ignore: ['*.HEIC']")
    assert len(Prints.open(str(folder), SIZE).prints) == 3


def test_no_folder_and_no_pictures(tmp_path):
    with pytest.raises(SimgenError, match="objects=.*/cards is not a folder"):
        Prints.open(str(tmp_path / "cards"), SIZE)
    with pytest.raises(SimgenError, match=r"holds no file that ends in .png, "):
        Prints.open(str(tmp_path), SIZE)
