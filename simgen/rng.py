"""Named random streams: frame i depends on (seed, i) alone, whatever else is made."""

from zlib import crc32

import numpy as np


def stream(seed: int, frame: int, name: str) -> np.random.Generator:
    """Returns the generator of one named consumer of one frame.

    The name, not the order of calls, tells streams apart: inserting a randomizer leaves every
    other draw as it was. Retries ask for ``f"{name}/{attempt}"``.
    """
    return np.random.default_rng([seed, frame, crc32(name.encode())])
