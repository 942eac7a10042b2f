"""Picture files as things: each becomes a printed sheet, of the size that one says it has."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import PurePosixPath

from simgen.checks import require
from simgen.color import linear
from simgen.credits import Asset
from simgen.distributions import written
from simgen.errors import SimgenError, did_you_mean
from simgen.folders import Folder
from simgen.library.files import category_of
from simgen.library.manifest import NAME, Entry
from simgen.pictures import SUFFIXES, read_picture
from simgen.props.flat_print import FINISH, PAPER, build
from simgen.rounding import rounding
from simgen.spec import Body, Material, Shape

log = logging.getLogger(__name__)

Size = tuple[float, float]
THICKNESS = 0.0003  # metres, of a playing card
STRETCH = 0.05  # by which a picture may be out of proportion without a word
_GLOSS = 0.45
_COLOR = re.compile(r"#([0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Print:
    """One picture as a thing.

    Attributes:
        stretch: by which share it is taller for its width than its picture, below 0: wider for its
            height.
        loose: it has transparent parts besides round corners, which show as paper.
    """

    body: Body
    asset: Asset
    stretch: float
    loose: bool

    @property
    def name(self) -> str:
        return self.body.name


@dataclass(frozen=True)
class Prints:
    """All pictures of a folder, by rising path."""

    prints: tuple[Print, ...]

    @classmethod
    def open(cls, folder: str, size: Size | None = None) -> "Prints":
        """Returns the prints that a folder's pictures are.

        Args:
            size: width and height of those of which the folder's manifest says nothing, metres.

        Raises:
            SimgenError: there is no picture, or one cannot be used: names it and what to do.
        """
        _check_size(size)
        try:
            found = Folder.open(folder, SUFFIXES)
        except SimgenError as error:
            raise SimgenError(f"objects={error}") from error
        try:
            prints = tuple(_prints(found, size))
        except SimgenError as error:
            raise SimgenError(f"objects={folder}: {error}") from error
        if parent_process() is None:  # workers say it no second time
            for line in _doubts(prints):
                log.warning("objects=%s: %s", folder, line)
        return cls(prints)

    @property
    def bodies(self) -> dict[str, tuple[Body, ...]]:
        """Lying at the origin, by category; these by rising name."""
        bodies = [each.body for each in self.prints]
        names = sorted({body.category for body in bodies})
        return {name: tuple(b for b in bodies if b.category == name) for name in names}

    @property
    def assets(self) -> tuple[Asset, ...]:
        return tuple(each.asset for each in self.prints)


def _prints(folder: Folder, size: Size | None) -> Iterator[Print]:
    backs = {str(PurePosixPath(folder.manifest.of(name).back or "")) for name in folder.names}
    for name in folder.names:
        if name not in backs:
            try:
                yield _print(folder, name, size)
            except SimgenError as error:
                raise SimgenError(f"{name}: {error}") from error


def _print(folder: Folder, name: str, size: Size | None) -> Print:
    entry = folder.manifest.of(name)
    _check(entry)
    x, y = entry.size_m or size or _unsized()
    picture = read_picture(folder.path(name))
    radius, loose = rounding(picture, x, y)
    if entry.corner_radius_m is not None:
        radius = entry.corner_radius_m
    sheet = {"x": x, "y": y, "thickness": entry.thickness_m or THICKNESS, "corner_radius": radius}
    build(**sheet)
    back, content = _back(folder, entry.back)
    front = Material("image", PAPER, roughness=_GLOSS, image=str(folder.path(name)))
    category = entry.category or category_of(name)
    body = Body(
        name, Shape.of("flat_print", **sheet), category=category,
        materials={"front": front, "back": back},
    )  # fmt: skip
    settings = repr((sorted(sheet.items()), category, back.color)).encode()
    asset = folder.credit(f"objects/{name}", name, picture.content, content, settings)
    return Print(body, asset, _stretch(y / x * picture.width / picture.height), loose)


def _stretch(ratio: float) -> float:
    return ratio - 1 if ratio >= 1 else 1 - 1 / ratio


def _check(entry: Entry) -> None:
    for field in ("scale", "up", "symmetry", "keypoints"):
        if getattr(entry, field):
            raise SimgenError(f"{field} in {NAME} is for models; a picture has size_m")


def _check_size(size: Size | None) -> None:
    if size is not None:
        if not isinstance(size, tuple | list) or len(size) != 2:
            raise SimgenError(f"print_size={written(size)} must be [width, height] in metres")
        for edge in size:
            require(1e-3, 100, fixed=True, print_size=edge)


def _unsized() -> Size:
    raise SimgenError(
        f"how large is it? Give scene.print_size=[width,height] in metres, or size_m in {NAME}"
    )


def _back(folder: Folder, back: str | None) -> tuple[Material, bytes]:
    """Returns the other side, and its picture's content."""
    if back is None:
        return FINISH["back"], b""
    color = _COLOR.fullmatch(back)
    if color:
        srgb = tuple(int(color[1][i : i + 2], 16) / 255 for i in (0, 2, 4))
        return Material("plain", linear(srgb), roughness=_GLOSS), b""
    name = str(PurePosixPath(back))
    if name not in folder.names:
        raise SimgenError(
            f"back={back!r} must be '#rrggbb' or a picture in the folder; "
            f"{did_you_mean(name, folder.names)}"
        )
    path = folder.path(name)
    try:
        content = read_picture(path).content
    except SimgenError as error:
        raise SimgenError(f"back={back!r}: {error}") from error
    return Material("image", PAPER, roughness=_GLOSS, image=str(path)), content


def _doubts(prints: tuple[Print, ...]) -> Iterator[str]:
    off = {each.name: each.stretch for each in prints if abs(each.stretch) > STRETCH}
    if off:
        worst = max(off, key=lambda name: abs(off[name]))
        way = "taller" if off[worst] > 0 else "wider"
        yield (
            f"{len(off)} of {len(prints)} pictures do not have the proportions of their size: "
            f"{worst} is printed {100 * abs(off[worst]):.0f} % {way} than it is"
        )
    loose = [each.name for each in prints if each.loose]
    if loose:
        yield (
            f"{len(loose)} of {len(prints)} pictures have transparent parts other than round "
            f"corners, which show as paper: {loose[0]}"
        )
