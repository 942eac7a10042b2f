"""Whose things the pictures show, what nobody may sell first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simgen.credits import NON_COMMERCIAL, UNKNOWN, flag_of
from simgen.report.sources import Input

_TEXTS = ("licen[cs]e*", "LICEN[CS]E*", "COPYING*")
_NAMED = 6


@dataclass(frozen=True)
class Licence:
    """Things under one licence from one source; `flag` as in credits.Asset."""

    licence: str
    source: str
    flag: str
    names: tuple[str, ...]

    @property
    def told(self) -> str:
        """The first names, and how many more there are."""
        more = len(self.names) - _NAMED
        return ", ".join(self.names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def licences(given: Input) -> tuple[Licence, ...]:
    """Returns every licence: non-commercial ones first, unknown ones next."""
    found = _of_card(given) if given.card else _of_coco(given)
    groups: dict[tuple[str, str, str], list[str]] = {}
    for flag, licence, source, name in found:
        groups.setdefault((flag, licence, source), []).append(name)
    made = [Licence(lic, source, flag, tuple(n)) for (flag, lic, source), n in groups.items()]
    order = {NON_COMMERCIAL: 0, UNKNOWN: 1}
    return tuple(sorted(made, key=lambda each: order.get(each.flag, 2)))


def _of_card(given: Input) -> Iterable[tuple[str, str, str, str]]:
    return ((a.flag, a.licence, a.source, a.name) for a in given.card.assets)


def _of_coco(given: Input) -> Iterable[tuple[str, str, str, str]]:
    """Yields the licences that the COCO file lists, or else the texts that lie in the folder."""
    listed = [entry for entry in given.coco.licences if _text(entry, "name")]
    for entry in listed:
        name = _text(entry, "name")
        terms = f"{name} {_text(entry, 'url')}".replace("/by-nc", " nc ")
        yield flag_of(terms), name, _text(entry, "url"), "pictures"
    texts = sorted({path.name for pattern in _TEXTS for path in given.root.glob(pattern)})
    for name in texts:
        yield "", f"see {name} in the folder", "", "the folder"
    if not listed and not texts:
        yield UNKNOWN, "unknown", "", "the pictures: neither the COCO file nor the folder says"


def _text(entry: Any, key: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    return value[:200] if isinstance(value, str) else ""
