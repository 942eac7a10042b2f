"""Whose a folder is that several runs begin in at the same moment."""

from collections.abc import Iterable

from simgen.card import require_same
from simgen.dataset import Dataset, Parcel, record_path
from simgen.errors import SimgenError
from simgen.frame import Frame
from simgen.record import Record
from simgen.writers import Writer


class Claim:
    """A dataset as each process that adds frames to it sees it.

    Until there is a frame, a run with other settings, or on a machine with other versions, may
    write its own card over this run's. So the card is looked at before and after the first frame
    of each process; from then on the other run is refused.
    """

    def __init__(self, dataset: Dataset):
        self._dataset = dataset
        self._held = False

    def commit(self, frame: Frame, writers: Iterable[Writer]) -> Record:
        """Does as `Dataset.commit`; raises SimgenError as `put` does."""
        parcel = self._dataset.encode(frame, writers)
        self.put(parcel)
        return parcel.record

    def put(self, parcel: Parcel) -> None:
        """Puts an encoded frame on the disk.

        Raises:
            SimgenError: the disk refuses, or the dataset is another run's by now; then there is no
                such frame.
        """
        if self._held:
            self._dataset.put(parcel)
            return
        self.require_ours()
        self._dataset.put(parcel)
        try:
            self.require_ours()
        except SimgenError:
            self._dataset.store.remove(record_path(parcel.record.frame))
            raise
        self._held = True

    def require_ours(self) -> None:
        """Raises SimgenError if the dataset is another run's by now."""
        there = Dataset.load(self._dataset.folder).card
        require_same(there, self._dataset.card, self._dataset.folder)
