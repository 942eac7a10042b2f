"""A mesh file becomes an asset in the cache, once: by what it and all that it refers to hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from simgen.errors import SimgenError
from simgen.library import store
from simgen.library.finite import check_gltf, check_ply
from simgen.library.form import put_right
from simgen.library.importing import Importer
from simgen.library.manifest import NAME, Limits
from simgen.library.references import gltf, references, require_inside
from simgen.library.store import Imported
from simgen.library.turns import after_import


@dataclass(frozen=True)
class Source:
    """A mesh file of a library, and which way up it is."""

    path: Path
    root: Path
    up: str | None


def content_of(source: Source, limits: Limits, importer: Importer) -> Imported:
    """Returns what is known of a file, importing it unless that has been done.

    Raises:
        SimgenError: it cannot be read, leads out of the library or exceeds a limit.
    """
    named = references(_sized(source.path, limits), source.root)
    key = _digest(source, limits, [])
    known = [*named, *(source.path.parent / name for name in store.names_known(key))]
    content = store.facts(_digest(source, limits, known))
    if content is None:
        _check(source.path)
        content = _imported(source, limits, importer, key, named)
    if content.form.triangles > limits.triangles:
        raise SimgenError(
            f"it has {content.form.triangles} triangles, more than {limits.triangles:.0f}; reduce "
            f"them, or allow more in {NAME}: limits: {{triangles: {content.form.triangles}}}"
        )
    return content


def _check(path: Path) -> None:
    """Raises SimgenError for coordinates that Blender would mend silently."""
    if path.suffix.lower() == ".ply":
        check_ply(path)
    elif path.suffix.lower() in (".gltf", ".glb"):
        check_gltf(path, *gltf(path))


def with_picture(content: Imported, importer: Importer) -> Imported:
    """Returns what is known of an asset after it has been rendered once."""
    if content.agreement >= 0 and (store.folder_of(content.digest) / store.PICTURE).is_file():
        return content
    answer = importer.do({"do": "picture", "digest": content.digest})
    return store.pictured(content, answer["agreement"])


def _imported(
    source: Source, limits: Limits, importer: Importer, key: str, named: list[Path]
) -> Imported:
    with store.scratch() as folder:
        job = {"do": "import", "file": str(source.path), "root": str(source.root)}
        turn = after_import(source.path, source.up)
        answer = importer.do({**job, "folder": str(folder), "turn": turn})
        used = [Path(name) for name in answer["used"]]
        for path in used:
            require_inside(path, source.root, f"it refers to {str(path)!r}")
        beyond = sorted({_from(path, source) for path in used} - {source.path.name})
        store.note_names(key, beyond)
        digest = _digest(source, limits, [*named, *(source.path.parent / name for name in beyond)])
        with np.load(folder / "raw.npz", allow_pickle=False) as arrays:
            raw = dict(arrays)
        mesh, form = put_right(raw)
        (folder / "raw.npz").unlink()
        np.savez_compressed(folder / store.GEOMETRY, **mesh)
        gone = [path.name for path in named if not path.is_file()]
        used_points = mesh["vertices"][mesh["triangles"]].reshape(-1, 3).astype(float)
        content = Imported(
            digest=digest,
            lower=tuple(used_points.min(0).tolist()),
            upper=tuple(used_points.max(0).tolist()),
            form=form,
            materials=tuple(answer["materials"]),
            missing=tuple(sorted({*answer["missing"], *gone})),
            notes=tuple(answer["notes"]),
        )
        store.keep(folder, content)
    return content


def _from(path: Path, source: Source) -> str:
    """Returns a path inside the library as seen from the file."""
    up = Path(*[".."] * len(source.path.parent.relative_to(source.root).parts))
    return (up / path.resolve().relative_to(source.root)).as_posix()


def _sized(path: Path, limits: Limits) -> Path:
    """Returns a path whose file is not larger than the limit."""
    size = path.stat().st_size / 2**20
    if size > limits.file_mb:
        raise SimgenError(
            f"{path.name} has {size:.0f} MB, more than {limits.file_mb:g}; make it smaller, or "
            f"allow more in {NAME}: limits: {{file_mb: {np.ceil(size):.0f}}}"
        )
    return path


def _digest(source: Source, limits: Limits, others: Iterable[Path]) -> str:
    """Returns what names the asset: 32 hexadecimal digits."""
    told = sha256(f"{store.VERSION} {_blender()} {source.up} {source.path.suffix}\n".encode())
    for path in [source.path, *sorted(set(others))]:
        content = sha256(_sized(path, limits).read_bytes()).hexdigest() if path.is_file() else "-"
        told.update(f"{path.name if path != source.path else ''} {content}\n".encode())
    return told.hexdigest()[:32]


def _blender() -> str:
    """Returns the series of Blender's releases, which read each other's files."""
    try:
        return ".".join(version("bpy").split(".")[:2])
    except PackageNotFoundError:
        return "none"
