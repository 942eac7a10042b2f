"""Where what is worth keeping between runs is kept."""

import os
from pathlib import Path


def cache() -> Path:
    """Returns the folder of what is worth keeping between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "simgen"
