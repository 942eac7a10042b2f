"""Whose things frames show, under which licence, and with which content."""

import re
from dataclasses import dataclass
from hashlib import sha256

NON_COMMERCIAL, UNKNOWN = "non-commercial", "unknown licence"
_NON_COMMERCIAL = re.compile(
    r"(?<![a-z])nc(?![a-z])|non.?commercial|(research|academic|personal|educational).(use|only)",
    re.IGNORECASE,
)
_UNSAID = ("", "unknown", "none", "n/a", "?")


@dataclass(frozen=True)
class Asset:
    """Something made by others that frames may show.

    Attributes:
        digest: SHA-256 of its files and of what is set for it; '' for what comes with simgen or
            bpy, whose versions say the same.
        flag: NON_COMMERCIAL, UNKNOWN, or '' where the licence is neither.
    """

    name: str
    licence: str
    source: str
    digest: str = ""
    flag: str = ""


def credit(name: str, licence: str, source: str, *contents: bytes) -> Asset:
    """Returns a user's asset; `contents` decide what it looks like, files and settings alike."""
    digest = sha256()
    for content in contents:
        digest.update(sha256(content).digest())
    return Asset(name, licence or "unknown", source, digest.hexdigest(), flag_of(licence))


def flag_of(licence: str) -> str:
    """Returns what a user should know of a licence before a dataset is sold or shared."""
    if licence.strip().lower() in _UNSAID:
        return UNKNOWN
    return NON_COMMERCIAL if _NON_COMMERCIAL.search(licence) else ""


def flags_told(assets: tuple[Asset, ...]) -> str:
    """Returns the flagged assets in a line, '' where there are none."""
    return "; ".join(filter(None, (_told(flag, assets) for flag in (NON_COMMERCIAL, UNKNOWN))))


def _told(flag: str, assets: tuple[Asset, ...], shown: int = 3) -> str:
    names = [asset.name for asset in assets if asset.flag == flag]
    if not names:
        return ""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{flag}: {', '.join(names[:shown])}{more}"
