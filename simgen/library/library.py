"""A folder of mesh files as assets."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import parent_process
from pathlib import Path, PurePosixPath

import numpy as np

from simgen.errors import SimgenError
from simgen.library.asset import Asset
from simgen.library.files import category_of, files
from simgen.library.importing import Importer
from simgen.library.intake import Source, content_of, with_picture
from simgen.library.manifest import NAME, Entry, Manifest, read_manifest
from simgen.library.store import Imported
from simgen.library.units import announcement, guessed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Broken:
    """A file that cannot be used, and why: one line that says also what to do.

    Attributes:
        asset: what could be made of it none the less; None where nothing could.
    """

    name: str
    reason: str
    asset: Asset | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True)
class Library:
    """All assets of a folder.

    Attributes:
        assets: by rising path. `broken`: files that are none, where these are not refused.
    """

    folder: Path
    assets: tuple[Asset, ...]
    broken: tuple[Broken, ...] = ()

    @classmethod
    def open(
        cls,
        folder: str | Path,
        skip_broken: bool = False,
        watch: Callable[[str], None] = lambda name: None,
    ) -> "Library":
        """Returns the assets, importing those that are not in the cache.

        Args:
            skip_broken: go on without files that cannot be used.
            watch: told the name of each file before it is read.

        Raises:
            SimgenError: a file cannot be used, or there is none.
        """
        library = cls.examine(folder, watch)
        if library.broken and not skip_broken:
            more = len(library.broken) - 1
            tail = f" ({more} more: python -m simgen.library {folder})" if more else ""
            raise SimgenError(f"objects={folder}: {library.broken[0]}{tail}")
        if not library.assets:
            raise SimgenError(f"objects={folder}: none of its files can be used")
        if parent_process() is None:  # workers say it no second time
            for line in dict.fromkeys(a.assumed for a in library.assets if a.assumed):
                log.warning("%s", line)
        return library

    @classmethod
    def examine(
        cls, folder: str | Path, watch: Callable[[str], None] = lambda name: None
    ) -> "Library":
        """Returns the assets and what is broken.

        Raises:
            SimgenError: there is no such folder, no mesh in it, or its manifest is wrong.
        """
        root = Path(folder).expanduser().resolve()
        if not root.is_dir():
            raise SimgenError(f"objects={folder} is not a folder of mesh files")
        manifest = read_manifest(root)
        found = list(files(root, manifest))
        if not found:
            raise SimgenError(f"objects={folder} holds no mesh file (.glb, .obj, .stl, ...)")
        contents, broken = _contents(root, manifest, found, watch)
        assets = _assets(root, manifest, contents)
        broken += [*_incomplete(assets, manifest), *_contradictory(assets)]
        bad = {each.name for each in broken}
        sound = tuple(asset for asset in assets if asset.name not in bad)
        return cls(root, sound, tuple(sorted(broken, key=lambda each: each.name)))

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(sorted({asset.category for asset in self.assets}))


def _contents(
    root: Path, manifest: Manifest, found: Iterable[tuple[str, SimgenError | None]],
    watch: Callable[[str], None],
) -> tuple[dict[str, Imported], list[Broken]]:  # fmt: skip
    contents: dict[str, Imported] = {}
    broken = []
    with Importer(manifest.limits) as importer:
        for name, error in found:
            watch(name)
            try:
                if error is not None:
                    raise error
                contents[name] = _content(root, manifest, name, importer)
            except SimgenError as reason:
                broken.append(Broken(name, str(reason)))
    return contents, broken


def _content(root: Path, manifest: Manifest, name: str, importer: Importer) -> Imported:
    source = Source(root / name, root, manifest.of(name).up)
    try:
        content = content_of(source, manifest.limits, importer)
    except OSError as error:
        raise SimgenError(f"it cannot be read: {error.strerror}") from error
    return with_picture(content, importer)


def _assets(root: Path, manifest: Manifest, contents: dict[str, Imported]) -> list[Asset]:
    entries = {name: manifest.of(name) for name in contents}
    scales = _guesses({n: c for n, c in contents.items() if entries[n].scale is None})
    return [
        Asset.of(
            name,
            root / name,
            entries[name].category or category_of(name),
            entries[name],
            content,
            *_scale(entries[name], scales.get(name)),
        )
        for name, content in contents.items()
    ]


def _scale(entry: Entry, guess: tuple[float, str] | None) -> tuple[float, str]:
    return (entry.scale, "") if guess is None else guess


def _guesses(contents: dict[str, Imported]) -> dict[str, tuple[float, str]]:
    """Returns scale and announcement of each: files of one kind in one folder share them."""
    found = {}
    kind = {name: (str(PurePosixPath(name).parent), Path(name).suffix.lower()) for name in contents}
    for (folder, _), names in groupby(sorted(contents, key=kind.__getitem__), kind.__getitem__):
        names = list(names)
        sizes = {PurePosixPath(name).name: _longest(contents[name]) for name in names}
        scale = guessed(sizes.values())
        said = announcement(folder, sizes) if scale != 1 else ""
        found |= dict.fromkeys(names, (scale, said))
    return found


def _longest(content: Imported) -> float:
    return float(np.subtract(content.upper, content.lower).max())


def _incomplete(assets: list[Asset], manifest: Manifest) -> Iterator[Broken]:
    for asset in assets:
        if asset.content.missing and not manifest.of(asset.name).allow_missing:
            reason = (
                f"it needs {', '.join(asset.content.missing)}; put that where it looks for it, or "
                f"say allow_missing: true for it in {NAME}"
            )
            yield Broken(asset.name, reason, asset)


def _contradictory(assets: list[Asset]) -> Iterator[Broken]:
    """Yields assets that are the same as one before, in another category."""
    first: dict[str, Asset] = {}
    for asset in assets:
        same = first.setdefault(asset.digest, asset)
        if same.category != asset.category:
            reason = (
                f"it is the same as {same.name}, whose category is {same.category!r}, and has two "
                f"categories so, with {asset.category!r}; remove one file, or give both one "
                f"category in {NAME}"
            )
            yield Broken(asset.name, reason, asset)
