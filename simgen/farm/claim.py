"""Whose a folder is that several runs begin in at the same moment."""

from simgen.card import require_same
from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.farm.launcher import Failed, Made


class Claim:
    """That the first frame which a run makes is of the dataset whose card is in the folder.

    Until there is a frame, a run with other settings, or on a machine with other versions, may
    write its own card over this run's. From the first frame on, it is refused.
    """

    def __init__(self, dataset: Dataset):
        self._dataset = dataset
        self._confirmed = False

    def confirm(self, outcome: Made | Failed) -> None:
        """Raises SimgenError, and removes the frame, if the card is another's by now."""
        if self._confirmed or isinstance(outcome, Failed):
            return
        try:
            there = Dataset.load(self._dataset.folder).card
            require_same(there, self._dataset.card, self._dataset.folder)
        except SimgenError:
            self._dataset.store.remove(record_path(outcome.frame))
            raise
        self._confirmed = True
