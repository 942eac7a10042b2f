"""Every kind of label lie that is known, by name."""

from tests.audit.lies import (
    between,
    depths,
    files,
    instance_map,
    layers,
    masks,
    objects,
    pictures,
    poses,
    silhouettes,
)
from tests.audit.lies.telling import LIES

__all__ = [
    "LIES",
    "between",
    "depths",
    "files",
    "instance_map",
    "layers",
    "masks",
    "objects",
    "pictures",
    "poses",
    "silhouettes",
]
