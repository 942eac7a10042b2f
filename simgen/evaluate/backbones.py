"""The networks that pictures are compared by, by name."""

from pathlib import Path

from simgen.errors import SimgenError
from simgen.evaluate.features import Backbone, EfficientNetFeatures
from simgen.evaluate.fid_features import InceptionFeatures
from simgen.evaluate.foundation import FoundationFeatures

EFFICIENTNET, INCEPTION = "efficientnet_lite0", "inception_v3"


def open_backbone(name: str, weights: str = "") -> Backbone:
    """Returns a network.

    Args:
        name: 'efficientnet_lite0', which works offline; 'inception_v3', the standard FID's; a
            folder with a model of transformers; or a name on the hub, such as
            'facebook/dinov2-small'.
        weights: the file of Inception's weights; '' downloads them once.

    Raises:
        SimgenError: it is not known, not installed, or not to be had.
    """
    if weights and name != INCEPTION:
        raise SimgenError(f"weights={weights} are for backbone={INCEPTION} only, not for {name}")
    if name == EFFICIENTNET:
        return EfficientNetFeatures()
    if name == INCEPTION:
        return InceptionFeatures(weights)
    if "/" in name or Path(name).is_dir():
        return FoundationFeatures(name)
    raise SimgenError(
        f"backbone={name} is not known: {EFFICIENTNET}, {INCEPTION}, a folder with a model of "
        "transformers, or its name on the hub (owner/name)"
    )
