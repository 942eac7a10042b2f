"""The features of the standard FID: Inception-v3's, of pictures resized as its own graph does."""

import logging
from hashlib import sha256
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import torch

from simgen.cache import cache
from simgen.errors import SimgenError
from simgen.evaluate.inception import Inception
from simgen.evaluate.weights import load
from simgen.scratch import replace_file

log = logging.getLogger(__name__)
FILE = "pt_inception-2015-12-05-6726825d.pth"
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
_SECONDS, _MOST_BYTES = 30, 200 << 20


class InceptionFeatures:
    """What the FID compares: the 2048 features of the last pool.

    The reference implementation (Heusel et al., TTUR) feeds 0 to 255 of any size to TensorFlow's
    graph, which resizes by itself: bilinear, without half-pixel centres or averaging, then
    (v - 128) / 128. That is what is done here, as torch-fidelity does; pytorch-fid resizes with
    half-pixel centres instead and scales to -1 to 1, which moves FIDs a little.
    """

    name, size, dims = "inception_v3", 299, 2048
    preprocessing = "TensorFlow 1's bilinear to 299 x 299; (v - 128) / 128"

    def __init__(self, weights: str = ""):
        """Loads the weights.

        Args:
            weights: their file; '' takes the downloaded one, and downloads it if there is none.

        Raises:
            SimgenError: there are none, or other ones.
        """
        state, self.weights_sha256 = load(Path(weights) if weights else downloaded(), SHA256)
        model = Inception()
        model.load_state_dict(state)
        self._model = model.eval().to(memory_format=torch.channels_last)

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Returns (299, 299, 3) float32, 0 to 255."""
        return resized(picture, self.size)

    @torch.inference_mode()
    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Returns (N, 2048) float32."""
        return self._model((torch.from_numpy(batch).permute(0, 3, 1, 2) - 128) / 128).numpy()


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """Returns (size, size, 3) float32 as TensorFlow 1's ResizeBilinear does.

    Row r of the result is what lies at r * height / size in the picture, between two of its rows.
    """
    for axis in (0, 1):
        length = picture.shape[axis]
        at = np.arange(size, dtype=np.float32) * np.float32(length / size)
        low = at.astype(int)
        high = np.minimum(low + 1, length - 1)
        share = np.modf(at)[0].reshape([-1 if i == axis else 1 for i in range(3)])
        before = picture.take(low, axis).astype(np.float32)
        picture = before + (picture.take(high, axis) - before) * share
    return picture


def downloaded(root: Path | None = None) -> Path:
    """Returns the file of the weights, fetched from where they are published if need be.

    Raises:
        SimgenError: it cannot be fetched, or is another file.
    """
    root = root or cache() / "weights"
    if not (root / FILE).is_file():
        log.info("fetching %s", URL)
        root.mkdir(parents=True, exist_ok=True)
        replace_file(root, FILE, [_fetched()])
    return root / FILE


def _fetched() -> bytes:
    remedy = "fetch it elsewhere and name the file as weights="
    try:
        with urlopen(URL, timeout=_SECONDS) as answer:
            content = answer.read(_MOST_BYTES)
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise SimgenError(f"{URL} cannot be fetched: {reason}; {remedy}") from error
    if sha256(content).hexdigest() != SHA256:
        raise SimgenError(f"{URL} is another file than it was: {remedy}")
    return content
