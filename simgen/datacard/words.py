"""What croissant.json and README.md say alike: name, origin, use, limits, licences."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from simgen.card import Card, digest_of
from simgen.credits import NON_COMMERCIAL, UNKNOWN, Asset

USES = (
    "training and testing detectors, segmenters and estimators of depth and pose for the listed "
    "categories, alone or before or beside real pictures",
    "testing such code itself, since the labels are known exactly",
)
MISUSES = (
    "a measure of how well a model works in reality: that takes real pictures",
    "statistics of the real world: how often things occur here is what the config says",
)
LIMITS = (
    "These are renders: shapes, materials, light, noise and what stands where are simpler and less "
    "varied than reality, by as much as only a test on real pictures can tell.",
    "Only the listed categories are labelled; all else is in the pictures without a label.",
    "An object that shows a single pixel has a label: filter by area or visible_fraction.",
    "A pixel belongs to what the ray through its centre meets; the picture's own pixels mix "
    "what they cover, so that edges differ by up to a pixel, more where the sensor blurs.",
    "What is transparent by a texture's alpha is drawn and labelled opaque.",
)
PERSONAL = (
    "none is collected. The models, pictures and textures that a user puts in are not looked at: "
    "they may show some."
)
PROTOCOL = (
    "Masks, boxes, depth and all other labels are cast from the scene's own triangles, one ray "
    "through each pixel's centre; nobody drew them. In each frame they are compared with the "
    "renderer's own object ids and depths."
)


def title(card: Card) -> str:
    """Returns the dataset's name: scene, seed, and the start of the recipe's digest."""
    module = str(card.settings.get("scene._target_", "simgen")).rpartition(".")[0]
    scene = module.rpartition(".")[2] or "simgen"
    return f"{scene}-{card.seed}-{digest_of(card)[:8]}"


def convention(card: Card, folder: str) -> str:
    """Returns how the files of a folder are to be read."""
    said = card.conventions
    if folder.startswith("images_"):
        return said.get("further views", "")
    base = folder.removesuffix("_valid").removesuffix("_world")
    return said.get(folder, said.get(base, "a writer of the user's own makes them"))


def tools(card: Card) -> str:
    """Returns what made it, with versions."""
    names = {"simgen": "simgen", "bpy": "Blender (bpy)"}
    return ", ".join(f"{names.get(name, name)} {v}" for name, v in card.made_with.items())


@dataclass(frozen=True)
class Licence:
    """All assets under one licence.

    Attributes:
        flag: NON_COMMERCIAL, UNKNOWN or ''.
    """

    name: str
    flag: str
    assets: tuple[Asset, ...]

    @property
    def said(self) -> str:
        """The licence, and what is wrong with it."""
        wrong = self.flag and self.flag != f"{self.name} licence"
        return f"{self.name} ({self.flag})" if wrong else self.flag or self.name

    def names(self, most: int = 5) -> str:
        """Returns the first assets' names and how many more there are."""
        more = len(self.assets) - most
        shown = ", ".join(asset.name for asset in self.assets[:most])
        return f"{shown} and {more} more" if more > 0 else shown


def licences(card: Card) -> tuple[Licence, ...]:
    """Returns them with the non-commercial first, then the unknown, then by name."""
    return tuple(sorted(_grouped(card.assets), key=lambda each: (_rank(each.flag), each.name)))


def _grouped(assets: tuple[Asset, ...]) -> Iterator[Licence]:
    groups = defaultdict(list)
    for asset in assets:
        groups[asset.flag, asset.licence].append(asset)
    for (flag, name), members in groups.items():
        yield Licence(name, flag, tuple(members))


def _rank(flag: str) -> int:
    return (NON_COMMERCIAL, UNKNOWN, "").index(flag)
