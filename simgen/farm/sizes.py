"""How many workers fit, and how many threads each gets.

Workers with a core each are no slower than threads, and faster where much is not rendering, as
threads wait for each other there: 1.2 times on two cores (benchmarks/workers.py).
"""

from math import ceil

GB_PER_WORKER = 3.0  # Blender, a large scene and its textures
_IDLE = 0.2  # of the cores may be, rather than that each worker has another thread


def room(cores: int, memory_gb: float) -> int:
    """Returns how many workers with a core each there is room for, at least one."""
    return max(1, int(min(cores, memory_gb / GB_PER_WORKER)))


def threads_each(cores: int, workers: int) -> int:
    """Returns how many threads let few cores idle: rather some more than there are cores."""
    return max(1, ceil(cores / workers - _IDLE))
