"""Each puts one kind of file of a frame into the dataset folder.

A writer is pure: it returns bytes, and the dataset puts them on the disk, all of a frame or none.
It works while the next frame is rendered. What it has to say it logs: what is printed is taken for
something that Blender says.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from simgen.frame import Frame

if TYPE_CHECKING:
    from simgen.dataset import Dataset


class Writer(Protocol):
    """A frozen dataclass; its fields are what a config may set.

    One that needs further views of the scene has `views`, {name: whether it needs the picture}.
    It logs and does not print: Blender may render the next frame meanwhile, and what is printed
    then is taken for Blender's.
    """

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns the frame's files by path inside the folder; `categories` by id, from 1."""
        ...

    def finish(self, dataset: "Dataset") -> None:
        """Runs once, when all frames are there: makes what is one file for all of them."""
        ...
