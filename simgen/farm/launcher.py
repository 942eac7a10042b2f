"""What every place that frames can be made at is told, and what it tells of each frame."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol

from simgen.card import Card
from simgen.errors import SimgenError
from simgen.farm.todo import Todo
from simgen.frame import Frame
from simgen.machine import memory_mb, return_memory
from simgen.record import Record
from simgen.spec import SceneSpec
from simgen.stop import Stop
from simgen.store import Place
from simgen.writers import Writer


class Unfinished(Protocol):
    """A frame after the renderer's part in it, such as an `Exposed` or a whole `Frame`.

    Attributes:
        index: the frame's number. `spec`: its scene.
    """

    index: int
    spec: SceneSpec

    def finished(self) -> Frame:
        """Returns the frame; may be called while the renderer is at the next one."""


@dataclass(frozen=True)
class Job:
    """What a worker is sent: how to build the recipe, how to make a frame, where to put it.

    Attributes:
        card: of the dataset in `folder`, as long as no other run takes its place.
    """

    config: dict[str, Any]
    folder: Place
    card: Card
    build: Callable[[Mapping[str, Any]], Any]
    make: Callable[[Any, int], Unfinished]

    @property
    def threads(self) -> int:
        """The renderer's threads; 0: all there are."""
        return self.config["renderer"].get("threads", 0)

    def with_threads(self, threads: int) -> "Job":
        """Returns the job with the renderer's threads set, where they were left to us (0)."""
        renderer = self.config["renderer"]
        if renderer.get("threads") == 0:
            renderer = {**renderer, "threads": threads}
        return replace(self, config={**self.config, "renderer": renderer})


@dataclass(frozen=True, eq=False)
class Rendered:
    """A frame that is neither finished nor on the disk yet.

    Attributes:
        seconds: that it took so far.
        memory_mb: of its process, once the renderer was done.
    """

    frame: Unfinished
    seconds: float
    memory_mb: float


@dataclass(frozen=True)
class Made:
    """A frame that has been committed.

    Attributes:
        seconds: by stage; 'frame' is all of it.
        peak_memory_mb, memory_mb: of its process, the most so far and once the frame was rendered.
    """

    frame: int
    device: str
    seconds: dict[str, float]
    peak_memory_mb: float
    memory_mb: float


@dataclass(frozen=True)
class Failed:
    """A frame that could not be made; a bug comes with its traceback.

    Attributes:
        spec: its scene as `encode_spec` writes it; b"" where not even that could be made.
    """

    frame: int
    message: str
    is_bug: bool = False
    spec: bytes = b""


class Launcher(Protocol):
    """A place where frames are made.

    Attributes:
        overlaps: whether a worker renders the next frame while it puts one on the disk.
    """

    overlaps: bool

    def size(self, frames: int) -> int:
        """Returns how many frames would be made at the same time, of so many."""

    def run(self, job: Job, todo: Todo, stop: Stop) -> Iterator[Made | Failed]:
        """Makes the frames that wait, yielding what came of each.

        A frame whose worker died or took too long is made once more, by another. Once
        `stop.number` is set or `todo` is closed, only the frames in flight are finished.
        """


def render(job: Job, recipe: Any, index: int, tidies: bool) -> Rendered:
    """Makes one frame, as far as that takes the renderer; errors say which.

    Args:
        tidies: also gives memory that is free after it back to the system.
    """
    start = perf_counter()
    with _naming(index):
        frame = job.make(recipe, index)
    if tidies:
        return_memory()
    return Rendered(frame, perf_counter() - start, memory_mb())


class Keeper(Protocol):
    """Where frames are kept, such as a `Claim`."""

    def commit(self, frame: Frame, writers: Iterable[Writer]) -> Record:
        """Does as `Dataset.commit`."""


def store(rendered: Rendered, recipe: Any, keeper: Keeper) -> Made:
    """Finishes and commits a frame; errors say which."""
    start = perf_counter()
    with _naming(rendered.frame.index):
        frame = rendered.frame.finished()
        finished = perf_counter()
        record = keeper.commit(frame, recipe.writers.values())
    end = perf_counter()
    whole = rendered.seconds + end - start
    seconds = {**frame.seconds, "commit": end - finished, "frame": whole}
    peak = record.run.peak_memory_mb
    return Made(frame.index, frame.device, seconds, peak, rendered.memory_mb)


@contextmanager
def _naming(index: int) -> Iterator[None]:
    try:
        yield
    except SimgenError as error:
        named = str(error).startswith(f"frame {index}:")
        raise SimgenError(str(error) if named else f"frame {index}: {error}") from error
    except Exception as error:
        error.add_note(f"(in frame {index})")
        raise
