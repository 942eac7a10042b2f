"""A folder of the user's that a setting names: its files, and what its manifest says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from simgen.credits import Asset, credit
from simgen.distributions import written
from simgen.errors import SimgenError
from simgen.library.manifest import NAME, Manifest, read_manifest
from simgen.library.references import require_inside

WORDS = (".txt", ".md", ".pdf", ".html", ".yaml", ".yml", ".json", ".csv", ".xml", "")


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
    def open(cls, folder: str, suffixes: Sequence[str], beside: Sequence[str] = WORDS) -> "Folder":
        """Returns the files that end so, but hidden ones and those that the manifest ignores.

        Args:
            beside: how files end that may lie there too.

        Raises:
            SimgenError: there is no such folder or file in it, the manifest is wrong, a file is of
                another kind, or a link leads out of the folder.
        """
        if not isinstance(folder, str):
            raise SimgenError(f"{written(folder)} must be the path of a folder")
        root = Path(folder).expanduser()
        if not root.is_dir():
            raise SimgenError(f"{folder} is not a folder")
        try:
            manifest = read_manifest(root.resolve())
            there = [name for name in _shown(root) if not manifest.ignores(name)]
            for name in there:
                _check(root, name, (*suffixes, *beside))
        except SimgenError as error:
            raise SimgenError(f"{folder}: {error}") from error
        names = tuple(name for name in there if _suffix(name) in suffixes)
        if not names:
            raise SimgenError(f"{folder} holds no file that ends in {', '.join(suffixes)}")
        return cls(root, manifest, names)

    def path(self, name: str) -> Path:
        return self.root / name

    def credit(self, title: str, name: str, *contents: bytes) -> Asset:
        """Returns whose a file is, which has these contents."""
        entry = self.manifest.of(name)
        return credit(title, entry.licence or "", entry.source or "", *contents)


def _shown(root: Path) -> list[str]:
    """Returns the files by rising path, relative to the root, hidden ones left out."""
    places = (path.relative_to(root) for path in root.rglob("*") if not path.is_dir())
    return sorted(
        place.as_posix() for place in places if not any(p.startswith(".") for p in place.parts)
    )


def _check(root: Path, name: str, suffixes: Sequence[str]) -> None:
    try:
        if (root / name).is_symlink():
            require_inside(root / name, root.resolve(), "it is a link")
        if _suffix(name) not in suffixes:
            raise SimgenError(
                f"{_suffix(name)} files cannot be read here; convert it, or list it under ignore "
                f"in {NAME}"
            )
    except SimgenError as error:
        raise SimgenError(f"{name}: {error}") from error


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
