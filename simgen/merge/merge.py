"""Parts of one dataset become all of it."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from simgen.asked import Asked
from simgen.dataset import CARD, Dataset
from simgen.errors import SimgenError
from simgen.farm.failures import Failures
from simgen.fold import fold
from simgen.merge.gaps import require_no_gap
from simgen.merge.place import put_in_place
from simgen.merge.source import Source, require_one_dataset, root_of
from simgen.merge.summary import Merged
from simgen.merge.writers import writers_of
from simgen.progress import track
from simgen.store import Place, store_at


def merge(sources: Sequence[Source], out: Place) -> Merged:
    """Puts the frames of all sources into `out`, which may be one of them, and folds them.

    A frame is there once its record is, so the same call continues after whatever ended it. What
    `out` holds in the end is what one run, asked for all these frames, would have made there.

    Raises:
        SimgenError: they are not parts of one dataset, or not all of it, or damaged; or `out`
            refuses, or is another dataset. Frames that are in place stay.
    """
    _require_apart(sources, out)
    given = len(_distinct(sources))
    sources = _distinct([*_begun(out), *sources])
    require_one_dataset(sources)
    asked = reduce(or_, (source.asked for source in sources))
    require_no_gap(sources, asked)
    writers, strangers = writers_of(sources[0].config["writer"])
    dataset = Dataset.open(out, sources[0].card, _whole(sources[0], asked, out))
    merged = Merged.of(dataset, given)
    frames = len(frozenset().union(*(source.done for source in sources)))
    merged.add(track(put_in_place(sources, dataset), frames, 0))
    if strangers:
        raise SimgenError(
            f"all {frames} frames are in {out}, but writer.{strangers[0]} is none of simgen's own, "
            f"which alone are run here: run the generating command with out={out}, which adds no "
            f"frame and writes the annotations"
        )
    merged.folded = fold(dataset, writers)
    Failures(out, "stop").forget(dataset.done())
    return merged


def _require_apart(sources: Sequence[Source], out: Place) -> None:
    here = root_of(out)
    for source in sources:
        there = source.root
        if here != there and (here.is_relative_to(there) or there.is_relative_to(here)):
            raise SimgenError(f"out={out} and {source.folder} lie in each other: use another")


def _begun(out: Place) -> list[Source]:
    """Returns the dataset whose frames are in `out` already, if there is one."""
    there = CARD in store_at(out).names("") and Dataset.load(out).done()
    return [Source.open(out)] if there else []


def _distinct(sources: Sequence[Source]) -> list[Source]:
    return list({source.root: source for source in reversed(sources)}.values())[::-1]


def _whole(source: Source, asked: Asked, out: Place) -> dict:
    """Returns the config of a run that makes all of the frames at once."""
    whole = asked.within({**source.config, "out": str(out)})
    return whole | {"shard": None} if "shard" in whole else whole
