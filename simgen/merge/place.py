"""Frames of several folders into one: proved, their files put in place, their records last."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.machine import cores
from simgen.merge.frame import Proved, Unsound, prove
from simgen.merge.source import Source
from simgen.scratch import explained, move_into_place, scratch, sync_folder
from simgen.spans import spans, told
from simgen.store import is_url

_TOGETHER = 64  # frames whose folders are synced at once
_REQUESTS = 16  # to an object store, which is far, at the same time


def put_in_place(sources: Sequence[Source], dataset: Dataset) -> Iterator[Proved]:
    """Puts every frame that a source has into the dataset, yielding it when it is there.

    What is in place already is proved as well.

    Raises:
        SimgenError: the dataset's folder refuses; or, once all others are in place, some frames are
            damaged, or differ from folder to folder.
    """
    owners = _owners(sources)
    frames, bad = sorted(owners), {}
    far = any(is_url(each.folder) for each in (dataset, *sources))
    with ThreadPoolExecutor(_REQUESTS if far else cores()) as pool:
        for start in range(0, len(frames), _TOGETHER):
            with _aside(dataset) as aside:
                some = {frame: owners[frame] for frame in frames[start : start + _TOGETHER]}
                proved = partial(_proved, out=dataset, aside=aside, bad=bad)
                yield from _placed(list(filter(None, pool.map(proved, some.items()))), dataset)
    if bad:
        first = min(bad)
        raise SimgenError(
            f"{len(bad)} of {len(frames)} frames cannot be merged: {told(spans(bad))}; frame "
            f"{first}: {bad[first]}; damaged frames are made again once their records are removed"
        )


def _owners(sources: Sequence[Source]) -> dict[int, list[Source]]:
    owners: dict[int, list[Source]] = {}
    for source in sources:
        for frame in source.done:
            owners.setdefault(frame, []).append(source)
    return owners


@contextmanager
def _aside(dataset: Dataset) -> Iterator[Path | None]:
    """Yields a folder for what is not yet in place; None for an object store, which needs none."""
    if is_url(dataset.folder):
        yield None
        return
    with explained(dataset.folder, "frames"), scratch(dataset.folder) as folder:
        yield folder


def _proved(
    item: tuple[int, Sequence[Source]], out: Dataset, aside: Path | None, bad: dict[int, str]
) -> Proved | None:
    """Returns a frame, or notes in `bad` what is wrong with it."""
    frame, owners = item
    try:
        return prove(frame, owners, out, aside)
    except Unsound as error:
        bad[frame] = str(error)
        return None


def _placed(frames: Sequence[Proved], dataset: Dataset) -> Sequence[Proved]:
    """Moves the files of frames into place, and when those are on the disk, their records."""
    of_records = {record_path(each.frame) for each in frames}
    for wanted in (lambda path: path not in of_records, lambda path: path in of_records):
        _move(frames, dataset, wanted)
    return frames


def _move(frames: Sequence[Proved], dataset: Dataset, wanted: Callable[[str], bool]) -> None:
    folders = set()
    for each in frames:
        for path in filter(wanted, each.staged):
            target = dataset.path(path)
            with explained(dataset.folder, path):
                move_into_place(each.staged[path], target)
            folders.add(target.parent)
    for folder in folders:
        sync_folder(folder)
