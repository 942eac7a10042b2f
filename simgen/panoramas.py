"""Panoramas of the user's that light a scene: files, or a folder of them."""

from dataclasses import dataclass
from pathlib import Path

from simgen.credits import Asset, credit
from simgen.errors import SimgenError
from simgen.folders import WORDS, Folder
from simgen.pictures import HDR_SUFFIXES, SUFFIXES, read_hdr


@dataclass(frozen=True)
class Panoramas:
    """The HDRIs of a folder, by rising path."""

    paths: tuple[str, ...]
    assets: tuple[Asset, ...]

    @classmethod
    def open(cls, folder: str) -> "Panoramas":
        """Returns what is in a folder.

        Raises:
            SimgenError: there is no HDRI, or a file is none.
        """
        found = Folder.open(folder, HDR_SUFFIXES, WORDS + SUFFIXES)  # with previews of them
        assets = []
        for name in found.names:
            try:
                content = read_hdr(found.path(name))
            except SimgenError as error:
                raise SimgenError(f"{folder}: {name}: {error}") from error
            assets.append(found.credit(f"hdris/{name}", name, content))
        return cls(tuple(str(found.path(name)) for name in found.names), tuple(assets))


def lone(path: str) -> Asset:
    """Returns what is known of an HDRI that the config names by itself."""
    file = Path(path).expanduser()
    return credit(f"hdri/{file.name}", "", "", file.read_bytes())
