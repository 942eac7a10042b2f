"""The workers of a run in a Ray cluster: started, told what to make, and replaced.

A worker is an actor. It builds the recipe once and is told one frame at a time, so that nothing
queues up, it is known which frame it was at when it or its node died, and frames that are chosen
together stay with it.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.farm.claim import Claim
from simgen.farm.launcher import Failed, Made
from simgen.farm.ray_cluster import ray
from simgen.farm.ray_hand import Hand
from simgen.farm.ray_worker import Reply
from simgen.farm.todo import Todo
from simgen.stop import Stop

log = logging.getLogger(__name__)
_LOOK_S = 1.0  # between looks at whether something hangs
_RECKON_S = 10.0  # between looks at how many workers there may be: nodes come and go
_WAIT_S = 60.0  # between lines that tell of waiting
_SEEN_S = 30.0  # after which what others put on shared storage is to be seen
_FALSE_STARTS = 3  # in a row; then it is not bad luck


@dataclass
class RayCrew:
    """The workers, as the driver sees them.

    Attributes:
        hire: starts a worker.
        room: tells how many there may be now; none while the nodes are gone.
        frame_s: seconds after which a frame hangs.
    """

    hire: Callable[[], Any]
    room: Callable[[], int]
    dataset: Dataset
    todo: Todo
    stop: Stop
    frame_s: float
    _hands: list[Hand] = field(default_factory=list)
    _error: SimgenError | None = None
    _false_starts: int = 0
    _size: int = 0
    _most: int = 0
    _reckoned: float = float("-inf")
    _told: float = field(default_factory=monotonic)

    def __post_init__(self):
        self._claim = Claim(self.dataset)

    def run(self) -> Iterator[Made | Failed]:
        """Yields what came of each frame.

        Raises:
            SimgenError: workers cannot make frames; those in flight are finished first.
        """
        try:
            while self._is_needed():
                self._fill()
                yield from self._outcomes()
        finally:
            for hand in self._hands:
                hand.end()
        if self._error:
            raise self._error

    def _is_needed(self) -> bool:
        """Returns whether there is something to wait for."""
        more = len(self.todo) and not self.stop.number and not self._error
        return bool(more) or any(hand.frame is not None for hand in self._hands)

    def _fill(self) -> None:
        """Starts workers for the frames that wait."""
        if not len(self.todo) or self.stop.number or self._error:
            return
        if monotonic() - self._reckoned > _RECKON_S:
            self._size, self._reckoned = self.room(), monotonic()
            self._most = max(self._most, self._size)
        free = sum(hand.frame is None for hand in self._hands)
        for _ in range(min(self._size - len(self._hands), len(self.todo) - free)):
            self._hands.append(Hand(self.hire))

    def _outcomes(self) -> Iterator[Made | Failed]:
        """Waits for something to happen, and yields the frames that have come to an end."""
        calls = {hand.call: hand for hand in self._hands}
        for call in _ended(list(calls)):
            yield from self._heard(calls[call])
        for hand in [hand for hand in self._hands if hand.seconds() > self.frame_s]:
            yield from self._lost(hand, f"took more than limits.frame_s={self.frame_s:g} s")
        if not all(hand.waits for hand in self._hands):
            self._told = monotonic()
        elif monotonic() - self._told > _WAIT_S:
            self._told = monotonic()
            log.warning("Ray: waiting for room in the cluster, which may have other work to do")

    def _heard(self, hand: Hand) -> Iterator[Made | Failed]:
        try:
            answer = hand.answer()
        except ray().exceptions.RayError as error:
            how = "died" if hand.frame is None else "lost its worker"
            yield from self._lost(hand, f"{how} ({_cause(error)})")
            return
        if isinstance(answer, Reply):
            yield from self._made(hand, answer)
        elif isinstance(answer, bytes):
            hand.keep(answer)
        elif hand.waits:
            hand.prepare()
        elif answer:
            self._error = self._error or SimgenError(answer)
            self._dismiss(hand)
        else:
            self._false_starts = 0
            self._employ(hand)

    def _made(self, hand: Hand, reply: Reply) -> Iterator[Made | Failed]:
        """Commits a frame while its worker is at the next one already, unless it failed."""
        for record in reply.logs:
            logging.getLogger(record.name).handle(record)
        last, hand.frame = hand.frame, None
        if isinstance(reply.outcome, Failed):
            yield reply.outcome
        if reply.spent:
            self._dismiss(hand)
        else:
            self._employ(hand, last)
        if isinstance(reply.outcome, Made):
            yield self._committed(reply)

    def _committed(self, reply: Reply) -> Made | Failed:
        frame = reply.outcome.frame
        try:
            if reply.parcel:
                self._claim.put(reply.parcel)
            else:
                _await(self.dataset, frame)
        except SimgenError as error:
            return Failed(frame, f"frame {frame}: {error}")
        return reply.outcome

    def _lost(self, hand: Hand, how: str) -> Iterator[Failed]:
        """Ends a worker that died or hangs, and has its frame made once more."""
        frame, spec = hand.frame, hand.scene
        self._dismiss(hand)
        if frame is None:
            self._false_starts += 1
            if self._false_starts >= _FALSE_STARTS + self._most:  # all nodes may be lost at once
                count = self._false_starts
                self._error = SimgenError(
                    f"Ray: {count} workers failed to get ready; the last {how}"
                )
        elif not self.stop.number:
            if self.todo.again(frame):
                log.warning("frame %d %s; it is made once more", frame, how)
            else:
                twice = "twice " if self.todo.retried(frame) else ""
                yield Failed(frame, f"frame {frame} {twice}{how}", spec=spec)

    def _employ(self, hand: Hand, last: int | None = None) -> None:
        """Gives a worker the next frame, or ends it if there is none."""
        going = not self.stop.number and not self._error
        frame = self.todo.take(last) if going else None
        if frame is None:
            self._dismiss(hand)
        else:
            hand.give(frame, self.todo.retried(frame))

    def _dismiss(self, hand: Hand) -> None:
        self._hands.remove(hand)
        hand.end()


def _ended(calls: list[Any]) -> list[Any]:
    """Waits a moment, and returns the calls that have come to an end."""
    if not calls:
        sleep(_LOOK_S)
        return []
    return ray().wait(calls, timeout=_LOOK_S)[0]


def _await(dataset: Dataset, frame: int) -> None:
    """Waits for what a worker has committed: shared storage may tell of it late."""
    end = monotonic() + _SEEN_S
    while True:
        try:
            dataset.store.read(record_path(frame))
            return
        except SimgenError as error:
            if monotonic() > end:
                raise SimgenError(
                    f"a worker has committed it, but not into {dataset.folder} as it is seen here: "
                    f"launcher.results=shared needs out= on storage that all nodes share"
                ) from error
        sleep(0.1)


def _cause(error: Exception) -> str:
    """Returns what Ray says of a death: its reason, without names and addresses, as one line."""
    text = str(error).strip()
    if "error raised in" in text:  # a traceback, such as that of a package which is not there
        return text.splitlines()[-1]
    why = text[max(0, text.find("The actor is dead because ")) :].partition(" Some common causes")[
        0
    ]
    return " ".join(why.split())[:200]
