"""Which layers a USD file refers to: text, crates and packages."""

import io
import struct
from zipfile import ZipFile

import pytest

from simgen.errors import SimgenError
from simgen.library.references import references
from simgen.library.usd import layers
from tests import meshes

TEXT = '#usda 1.0\ndef "a" (references = @{}@</b>, doc = "me@home") {{ asset f = @wood.png@ }}\n'


def crate(*tokens: str) -> bytes:
    """Returns a crate that has these tokens and nothing else; an LZ4 block of literals alone."""
    text = "\0".join(tokens).encode() + b"\0"
    rest = len(text) - 15
    block = bytes([240, *[255] * (rest // 255), rest % 255]) + text
    section = struct.pack("<QQQ", len(tokens), len(text), len(block) + 1) + b"\0" + block
    head = b"PXR-USDC" + bytes([0, 9, 0, 0, 0, 0, 0, 0]) + struct.pack("<q", 24 + len(section))
    contents = struct.pack("<Q", 1) + struct.pack("<16sqq", b"TOKENS", 24, len(section))
    return head + section + contents


def package(**members: bytes) -> bytes:
    kept = io.BytesIO()
    with ZipFile(kept, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return kept.getvalue()


def test_text():
    assert list(layers(TEXT.format("./below.usda").encode())) == ["./below.usda"]
    assert list(layers(TEXT.format("@@../be low.usd:SDF_FORMAT_ARGS:a=b@@").encode())) == [
        "../be low.usd"
    ]
    assert list(layers(b"#usda 1.0\n")) == []


def test_crates():
    names = ("points", "/root/material", "../secret.usdc", "wood.png", "a.usdz[b.usda]")
    assert list(layers(crate(*names))) == ["../secret.usdc", "a.usdz"]


def test_repeats_in_a_crate_are_unpacked():
    """What an LZ4 match copies may overlap what it writes: 'ab', then six of it again."""
    block = bytes([(2 << 4) | 2]) + b"ab" + struct.pack("<H", 2) + bytes([5 << 4]) + b".usd\0"
    section = struct.pack("<QQQ", 1, 13, len(block) + 1) + b"\0" + block
    head = b"PXR-USDC" + bytes([0, 9, 0, 0, 0, 0, 0, 0]) + struct.pack("<q", 24 + len(section))
    contents = struct.pack("<Q", 1) + struct.pack("<16sqq", b"TOKENS", 24, len(section))
    assert list(layers(head + section + contents)) == ["abababab.usd"]


def test_packages_tell_of_what_is_not_in_them():
    inner = TEXT.format("geo/b.usdc").encode()
    data = package(
        **{"a.usda": inner, "geo/b.usdc": crate("../a.usda", "../../out.usd", "padding")}
    )
    assert list(layers(data)) == ["../../out.usd"]


@pytest.mark.parametrize(
    "data",
    [crate("a" * 20)[:60], crate("a" * 20)[:40] + b"\xff" * 60, b"PK\x03\x04 no zip", b"PXR-USDC"],
)
def test_damaged_files_are_told(data):
    with pytest.raises(SimgenError, match="damaged USD file"):
        list(layers(data))


@pytest.mark.parametrize(
    "name", ["../secret.usda", "/tmp/secret.usda", "http://a.b/c.usd", "`${X}`"]
)
@pytest.mark.parametrize("deep", [False, True])
def test_layers_outside_are_refused(tmp_path, name, deep):
    root = (tmp_path / "parts").resolve()
    meshes.write(tmp_path / "secret.usda", "#usda 1.0\n")
    path = meshes.write(root / "a.usda", TEXT.format("b.usdc" if deep else name))
    meshes.write(root / "b.usdc", crate("points", "normals", name))
    with pytest.raises(SimgenError, match="outside of the library|no path relative|computes the"):
        references(path, root)


def test_layers_inside_are_found_once_and_circles_end(tmp_path):
    root = tmp_path.resolve()
    path = meshes.write(root / "a.usda", TEXT.format("deep/b.usda"))
    meshes.write(root / "deep/b.usda", TEXT.format("../c.usda"))
    meshes.write(root / "c.usda", TEXT.format("./a.usda") + TEXT.format("deep/b.usda"))
    found = [each.resolve().relative_to(root).as_posix() for each in references(path, root)]
    assert found[:2] == ["deep/b.usda", "c.usda"] and set(found) == {"deep/b.usda", "c.usda"}
