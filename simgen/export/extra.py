"""Packages that only some formats need."""

from importlib.util import find_spec

from simgen.errors import SimgenError


def require_package(name: str, format: str) -> None:
    """Raises SimgenError, before any work is done, unless a package is installed."""
    if find_spec(name) is None:
        raise SimgenError(
            f"format={format} needs the package {name}: "
            'pip install -c constraints.txt -e ".[export]"'
        )
