"""What is right and wrong with a library: a table, and a sheet of pictures."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from simgen.credits import flag_of
from simgen.errors import SimgenError
from simgen.library.asset import Asset
from simgen.library.library import Library
from simgen.library.store import write
from simgen.library.units import length, suspicion, unit_name

COLUMNS = 6  # of pictures on a sheet
CELL, CAPTION = (160, 120), 30  # pixels


def show(library: Library, console: Console, broken_is_fine: bool) -> None:
    """Prints a line for each asset, and one for whatever is wrong."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("asset", "category", "size", "unit", "up"):
        table.add_column(name, overflow="fold")
    table.add_column("triangles", justify="right")
    for name in ("surface", "missing", "licence"):
        table.add_column(name, overflow="fold")
    table.add_column("agreement", justify="right")
    for asset in all_of(library):
        table.add_row(*_row(asset))
    console.print(table)
    for line in dict.fromkeys(a.assumed for a in all_of(library) if a.assumed):
        console.print(f"[yellow]assumed[/] {escape(line)}", soft_wrap=True)
    for each in library.broken:
        word = "[yellow]skipped[/]" if broken_is_fine else "[red]broken[/]"
        console.print(f"{word} {escape(str(each))}", soft_wrap=True)
    console.print(_summary(library))


def all_of(library: Library) -> list[Asset]:
    """Returns all that could be imported, by rising path, be it of use or not."""
    halves = [each.asset for each in library.broken if each.asset]
    return sorted([*library.assets, *halves], key=lambda asset: asset.name)


def _row(asset: Asset) -> Iterable[Text]:
    content = asset.content
    odd = suspicion(max(asset.size_m))
    size = " x ".join(length(side) for side in asset.size_m)
    yield Text(asset.name)
    yield Text(asset.category)
    yield Text(f"{size}, {odd}: is the unit right?" if odd else size, "yellow" if odd else "")
    unit = unit_name(asset.scale)
    yield Text(f"{unit}, assumed", "yellow") if asset.assumed else Text(unit)
    yield Text(asset.up)
    yield Text(f"{asset.triangles:,}")
    yield _surface(asset)
    yield Text(", ".join(content.missing) or "-", "red" if content.missing else "")
    yield _licence(asset.licence)
    yield Text(f"{content.agreement:.2%}", "red" if content.agreement < 0.995 else "")


def _surface(asset: Asset) -> Text:
    form = asset.content.form
    said = ["watertight" if form.watertight else "open"]
    if form.flipped:
        said.append(f"{form.flipped:,} flipped, turned over")
    if form.torn:
        said.append(f"{form.torn:,} edges between flipped and not")
    if form.dropped:
        said.append(f"{form.dropped:,} without area, dropped")
    said += asset.content.notes
    return Text("; ".join(said), "yellow" if len(said) > 1 else "")


def _licence(licence: str) -> Text:
    flag = flag_of(licence)
    return Text(
        " ".join(filter(None, (licence, f"({flag})" if flag else ""))), "yellow" * bool(flag)
    )


def _summary(library: Library) -> str:
    count, kinds = len(library.assets), len(library.categories)
    found = f"{count} asset{'s' * (count != 1)} in {kinds} categor{'ies' if kinds != 1 else 'y'}"
    return f"{found}, {len(library.broken)} broken" if library.broken else found


def write_sheet(assets: Sequence[Asset], path: Path) -> None:
    """Writes all thumbnails as one PNG.

    Raises:
        SimgenError: the file cannot be written.
    """
    cells = [_cell(asset) for asset in assets]
    columns = min(COLUMNS, len(cells))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    _, png = cv2.imencode(".png", np.vstack(rows))
    try:
        write(path, png.tobytes())
    except OSError as error:
        raise SimgenError(f"--sheet={path} cannot be written: {error.strerror}") from error


def _cell(asset: Asset) -> np.ndarray:
    """Returns (h, w, 3) uint8: the picture, below it the name and the size."""
    width, height = CELL
    cell = np.full((height + CAPTION, width, 3), 255, np.uint8)
    picture = cv2.imread(str(asset.thumbnail))
    if picture is not None:
        cell[:height] = cv2.resize(picture, CELL)
    lines = (_short(asset.name), f"{asset.category[:14]}, {length(max(asset.size_m))}")
    for i, line in enumerate(lines):
        at = (3, height + 12 + 13 * i)
        cv2.putText(cell, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, (40, 40, 40), 1, cv2.LINE_AA)
    return cell


def _short(name: str) -> str:
    """Returns a name's end in characters that can be drawn."""
    drawn = name.encode("ascii", "replace").decode()
    return drawn if len(drawn) <= 25 else f"..{drawn[-23:]}"
