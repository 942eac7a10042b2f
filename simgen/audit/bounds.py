"""How much a stranger's record may ask of the props: a mesh is built of whatever it names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simgen.props import FROM_FILES
from simgen.spec import Shape, Value

_MOST = 20_000  # product of counts and metres; a large hall's floor marking has some thousands
_TEXT = 1_000  # characters
_SPACINGS, _CLOSEST = ("bay", "pitch", "rib", "thread"), 1e-3  # metres between parts that repeat


def flaw(shape: Shape) -> str:
    """Returns why a shape's mesh is too large to be built, '' if it is not."""
    try:
        for prop, params in _nested(shape):
            found = "" if prop in FROM_FILES else _flaw(params)  # in a file nothing repeats
            if found:
                return f"its {shape.prop} is too large to be built: {found}"
    except (TypeError, ValueError):
        return f"its {shape.prop} is of a shape without name and parameters"
    return ""


def _nested(shape: Shape) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Yields prop and parameters of a shape, and of those that it is made from."""
    prop, params = shape.prop, dict(shape.params)
    while isinstance(base := params.pop("base_params", None), tuple):
        yield prop, params
        prop, params = str(params.get("base")), dict(base)
    yield prop, params


def _flaw(params: Mapping[str, Value]) -> str:
    size = 1.0
    for name, value in params.items():
        if isinstance(value, str) and len(value) > _TEXT:
            return f"{name} has {len(value)} characters"
        if name in _SPACINGS and isinstance(value, int | float) and value < _CLOSEST:
            return f"{name}={value:g} m is less than {_CLOSEST} m"
        if isinstance(value, int):
            size *= max(abs(value), 1)
        if size > _MOST:
            return f"{name}={value}"
    listed = sum(len(value) for value in params.values() if isinstance(value, tuple))
    reach = max((abs(each) for each in _numbers(params.values())), default=0.0)
    size *= max(listed, 1) * max(reach, 1.0)
    return f"{size:.3g} parts and metres, of {_MOST} at most" if size > _MOST else ""


def _numbers(values: Iterable[Value], kinds: Any = float) -> Iterator[float]:
    """Yields all numbers of lists, and of what is in none those with a point."""
    for value in values:
        if isinstance(value, tuple):
            yield from _numbers(value, (int, float))
        elif isinstance(value, kinds):
            yield value
