"""The files that are one for all frames, right whoever finishes last.

Several runs may add frames to one folder, from several machines, and each folds when its own frames
are made. So a fold is of the frames that were there when it began. A run that sees others' frames
come meanwhile leaves off: whoever made them folds after its last one. Only what it has put in
place itself may hide what they put there before: then it looks once more, and folds all again.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset
from simgen.record import Record
from simgen.writers import Writer


def fold(dataset: Dataset, writers: Collection[Writer]) -> bool:
    """Writes the annotations of all frames, and the data card.

    Returns:
        False where that is left to other runs, which are still adding frames.

    Raises:
        SimgenError: a record is damaged, or the folder refuses.
    """
    while True:
        there = _There(dataset.folder, dataset.card, frozenset(dataset.done()))
        try:
            for writer in writers:
                writer.finish(there)
            write_data_card(there)
        except _Overtaken:
            if not there.read_whole:
                return False
        else:
            if not there.overtaken():
                return True


class _Overtaken(Exception):
    """Other runs have added frames."""


@dataclass(frozen=True)
class _There(Dataset):
    """A dataset as it was at one moment.

    Attributes:
        frames: their numbers.
        read_whole: true once all of it was read with no frame added, and so may have been written.
    """

    frames: frozenset[int] = frozenset()
    _reads: list[None] = field(default_factory=list)

    @property
    def read_whole(self) -> bool:
        return bool(self._reads)

    def done(self) -> set[int]:
        return set(self.frames)

    def overtaken(self) -> bool:
        """Returns whether there are frames now that were not there then."""
        return not super().done() <= self.frames

    def records(self) -> Iterator[Record]:
        """Yields each record, and ends with an error where that took too long: the writer reads
        them before it puts a file in place."""
        yield from super().records()
        if self.overtaken():
            raise _Overtaken
        self._reads.append(None)
