"""How large things are meant to be, where files do not say or say something unlikely."""

from collections.abc import Iterable, Mapping
from statistics import median

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}
LARGEST_M = 5.0  # of what is taken for metres: things of a size to be dropped, carried or driven
SMALLEST_M = 0.001


def guessed(longest: Iterable[float]) -> float:
    """Returns metres in a unit of files that lie together, by their longest sides in it.

    All of a folder are judged together, so that a washer is as good a millimetre as the plate
    beside it. What half of them would be too large for is in millimetres, CAD's unit.
    """
    return UNITS["mm"] if median(longest) > LARGEST_M else UNITS["m"]


def suspicion(longest_m: float) -> str:
    """Returns what is odd about a size in metres, '' if nothing is."""
    if longest_m > LARGEST_M:
        return f"{length(longest_m)} long"
    return f"only {length(longest_m)} long" if longest_m < SMALLEST_M else ""


def length(metres: float) -> str:
    """Returns a length as people say it."""
    if metres >= 100:
        return f"{metres:,.0f} m"
    for unit, size in (("m", 1.0), ("cm", 0.01)):
        if metres >= size:
            return f"{metres / size:.3g} {unit}"
    return f"{metres * 1000:.3g} mm"


def unit_name(scale: float) -> str:
    return {size: name for name, size in UNITS.items()}.get(scale, f"units of {scale:g} m")


def announcement(folder: str, sizes: Mapping[str, float]) -> str:
    """Returns what to tell of files in a folder that are taken for millimetres.

    Args:
        sizes: their longest sides in their own unit, by name.
    """
    largest = max(sizes, key=sizes.__getitem__)
    many = f"{len(sizes)} files are" if len(sizes) > 1 else f"{largest} is"
    return (
        f"{folder}: {many} taken for millimetres: {largest} would be {length(sizes[largest])} long "
        f"if its unit were the metre, and is made {length(sizes[largest] / 1000)}; if that is "
        f"wrong, say units: m (or cm, in, ...) for it in manifest.yaml"
    )
