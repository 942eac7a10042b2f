"""Imported assets in the cache: a folder for each, named by what went into it.

geometry.npz    the triangles, z up, in the file's own unit
material.blend  its materials, their images packed; not there where it has none
thumbnail.png   one picture of it
asset.json      all else that is known of it; written last, so that it says that all is there
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from shutil import rmtree

import msgspec
import numpy as np

from simgen.cache import cache
from simgen.errors import SimgenError
from simgen.library.form import Form
from simgen.spec import Vec3

VERSION = 7  # to be raised whenever the importer makes something else of a file
GEOMETRY, MATERIALS, PICTURE, FACTS = (
    "geometry.npz", "material.blend", "thumbnail.png", "asset.json",
)  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """What is known of a file's content, wherever the file lies.

    Attributes:
        lower, upper: bounds in the file's unit, z up.
        form: how sound its surface is.
        materials: names; '' stands for triangles without one.
        missing: images and material files that it names and that are not there or not readable.
        notes: what the importer changed.
        agreement: share of pixels on which ray casting and Cycles agree on a picture of it alone;
            -1 where it has not been rendered yet.
    """

    digest: str
    lower: Vec3
    upper: Vec3
    form: Form
    materials: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    agreement: float = -1.0


def folder_of(digest: str) -> Path:
    """Returns the folder of an asset that is in the cache.

    Raises:
        SimgenError: it is not there.
    """
    folder = _assets() / digest
    if not digest.isalnum() or not (folder / FACTS).is_file():
        raise SimgenError(
            f"asset {digest[:12] or '(none)'} is not in the cache {_assets()}; "
            f"import its folder again: python -m simgen.library FOLDER"
        )
    return folder


def facts(digest: str) -> Imported | None:
    """Returns what is known of an asset, None if it is not in the cache."""
    try:
        return msgspec.json.decode((_assets() / digest / FACTS).read_bytes(), type=Imported)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=512)
def geometry(digest: str) -> dict[str, np.ndarray]:
    """Returns the arrays of geometry.npz, shared; never written to."""
    with np.load(folder_of(digest) / GEOMETRY, allow_pickle=False) as arrays:
        return dict(arrays)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yields a new folder beside the assets, which is gone afterwards unless it was kept."""
    _assets().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=_assets()))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def keep(folder: Path, imported: Imported) -> None:
    """Makes a folder that was made from scratch that of the asset, unless another one is."""
    place = _assets() / imported.digest
    write(folder / FACTS, msgspec.json.encode(imported))
    if facts(imported.digest) is None:
        rmtree(place, ignore_errors=True)
    with suppress(OSError):  # another process was faster, with the same
        os.rename(folder, place)


def pictured(imported: Imported, agreement: float) -> Imported:
    """Notes how far the engines agree on an asset's picture; returns the facts with it."""
    done = replace(imported, agreement=agreement)
    write(folder_of(imported.digest) / FACTS, msgspec.json.encode(done))
    return done


def names_known(key: str) -> list[str]:
    """Returns what a file with this key was seen to refer to, when it was imported last."""
    try:
        return msgspec.json.decode((_assets() / f"{key}.json").read_bytes(), type=list[str])
    except (OSError, ValueError):
        return []


def note_names(key: str, names: list[str]) -> None:
    _assets().mkdir(parents=True, exist_ok=True)
    write(_assets() / f"{key}.json", msgspec.json.encode(names))


def write(path: Path, data: bytes) -> None:
    """Writes a file that is either there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(data)
    os.replace(part.name, path)


def _assets() -> Path:
    return cache() / "assets"
