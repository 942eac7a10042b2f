"""How many cores a worker gets."""

from math import ceil

GB_PER_WORKER = 3.0  # Blender, a large scene and its textures


def cores_each(cores: int, memory_gb: float) -> int:
    """Returns the fewest for each worker that leave none idle: one, or more where memory has room
    for fewer workers.

    Workers with a core each are faster than threads, which wait for each other in all that is not
    rendering (benchmarks/workers.py: 1.2 times as fast on two cores).
    """
    room = max(1, int(min(cores, memory_gb / GB_PER_WORKER)))
    return ceil(cores / room)
