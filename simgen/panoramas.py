"""Panoramas of the user's that light a scene: files, or a folder of them."""

from dataclasses import dataclass
from pathlib import Path

from simgen.credits import Asset, credit
from simgen.errors import SimgenError
from simgen.folders import Folder

SUFFIXES = (".exr", ".hdr")
MOST_MB = 1024
_STARTS = {".exr": b"\x76\x2f\x31\x01", ".hdr": b"#?"}


@dataclass(frozen=True)
class Panoramas:
    """The HDRIs of a folder, by rising path."""

    folder: Folder

    @classmethod
    def open(cls, folder: str) -> "Panoramas":
        """Returns what is in a folder.

        Raises:
            SimgenError: there is no HDRI, or a file is none.
        """
        found = Folder.open(folder, SUFFIXES)
        for name in found.names:
            try:
                _check(found.path(name))
            except SimgenError as error:
                raise SimgenError(f"{folder}: {name}: {error}") from error
        return cls(found)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(str(self.folder.path(name)) for name in self.folder.names)

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Whose they are; reads them all."""
        return tuple(
            self.folder.credit(f"hdris/{name}", name, self.folder.path(name).read_bytes())
            for name in self.folder.names
        )


def lone(path: str) -> Asset:
    """Returns what is known of an HDRI that the config names by itself."""
    file = Path(path).expanduser()
    return credit(f"hdri/{file.name}", "", "", file.read_bytes())


def _check(path: Path) -> None:
    try:
        if path.stat().st_size > MOST_MB << 20:
            raise SimgenError(f"it is larger than {MOST_MB} MB: save it smaller")
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SimgenError(f"it cannot be read: {error.strerror}") from error
    if not start.startswith(_STARTS[path.suffix.lower()]):
        raise SimgenError("it is no HDRI: it is damaged, or of another kind than its name says")
