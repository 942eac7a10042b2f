"""What a format is: each frame becomes a Part of its own, and at the end come the common files.

A format is a frozen dataclass in a module of this package; its fields are its options. Its YAML
file, conf/format/<name>.yaml, names it in `_target_` and gives the options their defaults. Its
docstring says which conventions the format has, each with its source, and what it cannot express.

Frames may be converted in any order, in several processes, and again after an interruption, so
`convert` depends on its arguments alone. What `finish` needs of a frame goes through its Part's
`note`, which is kept on the disk: no list of all labels is ever in memory.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from simgen.card import Card
from simgen.export.linked import Linked
from simgen.export.sample import Sample

NO_PNG = "pictures that are no PNG, which readers expect (image=png)"  # of several formats


@dataclass(frozen=True)
class Part:
    """What one frame adds to an export.

    Attributes:
        files: by path inside the export; no two frames may make the same path.
        note: JSON, which `finish` gets back.
        lost: how many labels, or pieces of them, the format cannot express, by reason; the reasons
            are shown to the user after the number: 'tilted objects without a 3D box'.
    """

    files: Mapping[str, bytes | Linked] = field(default_factory=dict)
    note: bytes = b"null"
    lost: Mapping[str, int] = field(default_factory=dict)


class Exported(Protocol):
    """All frames of an export, once each has been converted.

    Attributes:
        card: the dataset's.
        root: the dataset's folder, for `Linked.read`.
        splits: how many frames each split has, by name, in the order train, val, test; splits
            without a frame are left out.
    """

    card: Card
    root: Path
    splits: Mapping[str, int]

    def notes(self, split: str) -> Iterator[bytes]:
        """Yields the notes of a split's frames, by rising frame number; as often as asked."""
        ...


class Format(Protocol):
    """One way to write a dataset."""

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns what a frame becomes; raises SimgenError where the dataset lacks what it needs.

        Args:
            split: 'train', 'val' or 'test'.
        """
        ...

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields path and content, in pieces, of each file that is the dataset's, not a frame's.

        A path is written before the next one is asked for; one that is there already, whole, is
        skipped: its pieces are then never asked for, so the next path must not depend on them.
        """
        ...
