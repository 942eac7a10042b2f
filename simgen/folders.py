"""A folder of the user's that a setting names: its files, and what its manifest says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simgen.credits import Asset, credit
from simgen.distributions import written
from simgen.errors import SimgenError
from simgen.library.manifest import Manifest, read_manifest
from simgen.library.references import require_inside


@dataclass(frozen=True)
class Folder:
    """Files of certain kinds in a folder and in those below it.

    Attributes:
        root: as the user wrote it, so that a spec says where its files are as a config does.
        names: by rising path, relative to the root.
    """

    root: Path
    manifest: Manifest
    names: tuple[str, ...]

    @classmethod
    def open(cls, folder: str, suffixes: Sequence[str]) -> "Folder":
        """Returns the files that end so, but hidden ones and those that the manifest ignores.

        Raises:
            SimgenError: there is no such folder or file in it, the manifest is wrong, or a link
                leads out of it.
        """
        if not isinstance(folder, str):
            raise SimgenError(f"{written(folder)} must be the path of a folder")
        root = Path(folder).expanduser()
        if not root.is_dir():
            raise SimgenError(f"{folder} is not a folder")
        try:
            manifest = read_manifest(root.resolve())
            names = tuple(n for n in _named(root, suffixes) if not manifest.ignores(n))
        except SimgenError as error:
            raise SimgenError(f"{folder}: {error}") from error
        if not names:
            raise SimgenError(f"{folder} holds no file that ends in {', '.join(suffixes)}")
        return cls(root, manifest, names)

    def path(self, name: str) -> Path:
        return self.root / name

    def credit(self, title: str, name: str, *contents: bytes) -> Asset:
        """Returns whose a file is, which has these contents."""
        entry = self.manifest.of(name)
        return credit(title, entry.licence or "", entry.source or "", *contents)


def _named(root: Path, suffixes: Sequence[str]) -> list[str]:
    found = []
    for path in root.rglob("*"):
        place = path.relative_to(root)
        if path.suffix.lower() in suffixes and not any(p.startswith(".") for p in place.parts):
            if path.is_symlink():
                try:
                    require_inside(path, root.resolve(), "it is a link")
                except SimgenError as error:
                    raise SimgenError(f"{place.as_posix()}: {error}") from error
            if not path.is_dir():
                found.append(place.as_posix())
    return sorted(found)
