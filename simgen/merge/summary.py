"""What a merge did, for the screen."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simgen.credits import flags_told
from simgen.dataset import Dataset
from simgen.merge.frame import Proved
from simgen.store import Place
from simgen.terminal import as_rows


@dataclass
class Merged:
    """Figures of a merge, added up frame by frame; their size does not grow with the frames.

    Attributes:
        folders: how many went in.
        there: frames that were in place already.
        twice: frames that more than one folder had, the same in each.
        copied: files that are no hard links.
        made_with: frames by package and version, and by device.
        folded: whether the annotations are of all frames that are there.
    """

    folder: Place
    folders: int
    flags: str
    frames: int = 0
    there: int = 0
    twice: int = 0
    copied: int = 0
    made_with: Counter[tuple[str, str]] = field(default_factory=Counter)
    folded: bool = False

    @classmethod
    def of(cls, dataset: Dataset, folders: int) -> "Merged":
        return cls(dataset.folder, folders, flags_told(dataset.card.assets))

    def add(self, frames: Iterable[Proved]) -> None:
        """Counts frames."""
        for each in frames:
            self.frames += 1
            self.there += each.there
            self.twice += each.claims > 1
            self.copied += each.copied
            self.made_with.update({"device": each.run.device, **each.run.versions}.items())

    def text(self) -> str:
        """Returns it as a table."""
        return as_rows(self._rows())

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "dataset", str(self.folder)
        folders = f"{self.folders} folder{'s' * (self.folders > 1)}"
        yield "frames", f"{self.frames} from {folders}, {self.there} of them in place already"
        yield "proved", "one config, no gap, every file as its record says"
        if self.twice:
            yield "in several", f"{self.twice} frames, the same in each folder"
        if self.copied:
            yield "copied", f"{self.copied} files, where there are no links"
        for name in sorted({name for name, _ in self.made_with}):
            used = {v: n for (key, v), n in self.made_with.items() if key == name}
            if len(used) > 1:
                yield name, ", ".join(f"{v} for {n} frames" for v, n in sorted(used.items()))
        if not self.folded:
            yield "annotations", "left to the runs that are adding frames to the folder"
        if self.flags:
            yield "licences", self.flags
