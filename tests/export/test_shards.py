from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from simgen.export.shards import shards


@dataclass(frozen=True)
class Note:
    size: int


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_all_are_dealt_in_order_and_no_shard_is_over_its_limit_or_could_take_the_next(sizes, limit):
    dealt = [[note.size for note in shard] for shard in shards(map(Note, sizes), limit)]
    assert [size for shard in dealt for size in shard] == sizes and all(dealt)
    assert all(sum(shard) <= limit or len(shard) == 1 for shard in dealt)
    assert all(sum(shard) + after[0] > limit for shard, after in zip(dealt, dealt[1:]))
