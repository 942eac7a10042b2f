"""Features of CLIP, DINOv2 and their kin, through the optional package transformers."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simgen.errors import SimgenError
from simgen.evaluate.features import resized

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's
_WANTED = ["*.json", "*.safetensors"]  # no pickles, no code


class FoundationFeatures:
    """What a model of transformers makes of whole pictures.

    CLIP and its kin: the embedding that is compared with texts. Others: the pooled output, the
    class token of DINOv2. Pictures are squeezed to a square, not cropped: objects at the edge
    count.
    """

    def __init__(self, model: str):
        """Loads a model.

        Args:
            model: a folder as `save_pretrained` writes it, or a name on the Hugging Face hub.

        Raises:
            SimgenError: transformers is not installed, or there is no such model.
        """
        try:
            import transformers
        except ImportError as error:
            raise SimgenError(
                f"model={model} needs transformers: pip install transformers"
            ) from error
        folder = _folder(model)
        try:
            self._model = transformers.AutoModel.from_pretrained(
                folder, use_safetensors=True, trust_remote_code=False, local_files_only=True
            ).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise SimgenError(f"model={model} cannot be loaded: {_line(error)}") from error
        self.name = re.sub(r"[^a-z0-9]+", "_", Path(model).name.lower()).strip("_")
        self.weights_sha256 = _digest(folder)
        self._prepare_like(folder)
        probe = np.zeros((1, self.size, self.size, 3), np.uint8)
        self.dims = self(probe).shape[1]

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Returns (size, size, 3) uint8."""
        return resized(picture, self.size)

    @torch.inference_mode()
    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Returns (N, D) float32."""
        pixels = (torch.from_numpy(batch).float() / 255 - self._mean) / self._std
        pixels = pixels.permute(0, 3, 1, 2)
        if hasattr(self._model, "get_image_features"):
            found = self._model.get_image_features(pixel_values=pixels)
        else:
            found = self._model(pixel_values=pixels)
        if not isinstance(found, torch.Tensor):
            found = found.pooler_output
        return found.flatten(1).float().numpy()

    def _prepare_like(self, folder: Path) -> None:
        said = _json(folder / "preprocessor_config.json")
        config = self._model.config
        config = getattr(config, "vision_config", config)
        self.size = _side(said) or getattr(config, "image_size", 224)
        mean, std = said.get("image_mean", _MEAN), said.get("image_std", _STD)
        self._mean, self._std = torch.tensor(mean), torch.tensor(std)
        self.preprocessing = (
            f"area down, bilinear up, to {self.size} pixels; mean {mean}, std {std}"
        )


def _folder(model: str) -> Path:
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=_WANTED))
    except Exception as error:  # offline, no such name, no right to it: each has its own kind
        raise SimgenError(
            f"model={model} is no folder, and the hub does not give it ({_line(error)}): name a "
            "folder with config.json and model.safetensors"
        ) from error


def _digest(folder: Path) -> str:
    total = sha256()
    for path in sorted(folder.glob("*.safetensors")):
        total.update(path.read_bytes())
    return total.hexdigest()


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.is_file() else {}


def _side(said: dict[str, Any]) -> int | None:
    size = said.get("crop_size") if said.get("do_center_crop") else said.get("size")
    if isinstance(size, dict):
        return size.get("height") or size.get("shortest_edge")
    return size


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
