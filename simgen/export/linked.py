"""A picture that an export takes over from the dataset: its own bytes, or encoded anew."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from simgen.audit.reading import Unreadable, read
from simgen.mark import carried_over

_OPTIONS = {"jpg": [cv2.IMWRITE_JPEG_QUALITY, 95], "png": []}
ENCODINGS = tuple(_OPTIONS)


@dataclass(frozen=True)
class Linked:
    """A file of the dataset that goes into an export as it is.

    Attributes:
        path: inside the dataset folder.
        encoding: '' to keep its bytes; else 'jpg' or 'png', as which its pixels are encoded anew.
    """

    path: str
    encoding: str = ""

    @property
    def suffix(self) -> str:
        """How its name must end, with the dot."""
        return f".{self.encoding}" if self.recoded else PurePosixPath(self.path).suffix

    @property
    def recoded(self) -> bool:
        """Tells whether its bytes differ from the file's."""
        return self.encoding not in ("", PurePosixPath(self.path).suffix.lstrip("."))

    def read(self, root: Path) -> bytes:
        """Returns the bytes that go into the export, with the file's mark (see mark.py).

        Args:
            root: the dataset folder.

        Raises:
            Unreadable: the file is missing, or no picture where it is to be encoded anew.
        """
        data = read(root, self.path)
        if not self.recoded:
            return data
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
        if pixels is None:
            raise Unreadable(self.path, "it is no picture that can be decoded")
        new = cv2.imencode(self.suffix, pixels, _OPTIONS[self.encoding])[1].tobytes()
        return carried_over(data, new)
