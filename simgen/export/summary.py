"""What an export did: export.json for programs, a table for people, LICENCES.txt for receivers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from simgen.card import Card
from simgen.credits import flags_told
from simgen.terminal import as_rows

NOTES = "LICENCES.txt"
REPORT = "export.json"


@dataclass(frozen=True)
class Summary:
    """Figures of an export.

    Attributes:
        settings: what decided it, by name.
        asked: splits with a share.
        flags: assets whose licence is non-commercial or unknown.
        splits: frames of each, those without one left out.
        lost: what the format could not express, or what was left out, by reason.
        copied: of the dataset's files, how many could not be linked.
        was_there: whether nothing had to be done.
    """

    out: str
    settings: Mapping[str, Any]
    asked: tuple[str, ...]
    flags: str = ""
    splits: Mapping[str, int] = field(default_factory=dict)
    labels: int = 0
    files: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    copied: int = 0
    was_there: bool = False

    def text(self) -> str:
        """Returns it as a table."""
        return as_rows(self._rows())

    def _rows(self):
        yield "export", f"{self.out}{' (was complete already)' if self.was_there else ''}"
        frames = ", ".join(f"{name} {n}" for name, n in self.splits.items())
        yield "frames", f"{sum(self.splits.values())}: {frames}"
        empty = [name for name in self.asked if name not in self.splits]
        if empty:
            yield "", f"none in {' and '.join(empty)}: generate more, or choose another split="
        yield "labels", str(self.labels)
        yield "files", str(self.files)
        if self.copied and self.settings["image"] != "copy":
            yield "", f"{self.copied} files are copies: hard links need one disk that allows them"
        for name, n in self.lost.items():
            yield "counted", f"{n} {name}"
        if self.flags:
            yield "licences", f"{self.flags} (see {NOTES})"

    def report(self) -> bytes:
        """Returns export.json."""
        about = {
            "settings": self.settings,
            "splits": self.splits,
            "labels": self.labels,
            "counted": self.lost,
            "licences": self.flags or "no asset is non-commercial or of unknown licence",
        }
        return msgspec.json.format(msgspec.json.encode(about), indent=2) + b"\n"


def licence_notes(card: Card) -> bytes:
    """Returns LICENCES.txt: whose things the pictures show, problems first."""
    lines = ["These synthetic pictures show things made by others, under these licences.", ""]
    flags = flags_told(card.assets)
    if flags:
        lines += [f"BEFORE YOU SELL OR SHARE THEM: {flags}", ""]
    for asset in sorted(card.assets, key=lambda asset: not asset.flag):
        flag = f" [{asset.flag}]" if asset.flag else ""
        lines.append(f"{asset.name}: {asset.licence}{flag}, {asset.source}")
    return ("\n".join(lines) + "\n").encode()
