"""The proof that a dataset has all frames that it was asked for."""

from collections.abc import Sequence
from itertools import chain

from simgen.asked import Asked
from simgen.dataset import CONFIG
from simgen.errors import SimgenError
from simgen.farm.failures import FOLDER
from simgen.farm.shard import Shard
from simgen.merge.source import Source
from simgen.spans import told


def require_no_gap(sources: Sequence[Source], asked: Asked) -> None:
    """Raises SimgenError, naming the frames that none of the sources has, and what is known of
    them."""
    gaps = asked.missing(frozenset(chain(*(source.done for source in sources))))
    if gaps:
        count = sum(gap.stop - gap.start for gap in gaps)
        raise SimgenError(
            f"{count} frame{'s are' if count > 1 else ' is'} missing: {told(gaps)}"
            f"{_absent(sources)}{_failed(sources, gaps)}; run what makes them, then merge again, "
            f"or lower frames in {CONFIG} if nobody wants them"
        )


def _absent(sources: Sequence[Source]) -> str:
    """Returns which shards no folder is of, as far as that can be told."""
    shards = [Shard.of(source.config.get("shard")) for source in sources]
    count = shards[0].count
    if len(shards) == 1 or any(shard.count != count for shard in shards):
        return ""
    absent = told(Asked(count).missing({shard.index for shard in shards}))
    return f"; of {count} shards none of the folders is {absent}" if absent else ""


def _failed(sources: Sequence[Source], gaps: Sequence[range]) -> str:
    """Returns which file says why a frame could not be made, if there is one."""
    for source in sources:
        for name in sorted(source.dataset.store.names(FOLDER)):
            number = name.removesuffix(".json")
            if number.isdecimal() and any(int(number) in gap for gap in gaps):
                return f"; the first that failed is told in {source.folder}/{FOLDER}/{name}"
    return ""
