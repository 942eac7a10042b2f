"""Features of CLIP, DINOv2 and their kin, through the optional package transformers."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simgen.evaluate import hub
from simgen.evaluate.features import resized


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
        setting = f"model={model}"
        package, folder = hub.transformers(setting), hub.snapshot(model, setting)
        self._model = hub.loaded(package.AutoModel, folder, setting).eval()
        self.name = re.sub(r"[^a-z0-9]+", "_", Path(model).name.lower()).strip("_")
        self.weights_sha256 = hub.digest(folder)
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
        said = hub.said(folder, "preprocessor_config.json")
        config = self._model.config
        config = getattr(config, "vision_config", config)
        self.size = _side(said) or getattr(config, "image_size", 224)
        mean = said.get("image_mean", hub.IMAGENET_MEAN)
        std = said.get("image_std", hub.IMAGENET_STD)
        self._mean, self._std = torch.tensor(mean), torch.tensor(std)
        self.preprocessing = (
            f"area down, bilinear up, to {self.size} pixels; mean {mean}, std {std}"
        )


def _side(said: dict[str, Any]) -> int | None:
    size = said.get("crop_size") if said.get("do_center_crop") else said.get("size")
    if isinstance(size, dict):
        return size.get("height") or size.get("shortest_edge")
    return size
