"""The checks, a module for each family: whatever Check stands in one of them is carried out."""

import pkgutil
from functools import cache
from importlib import import_module

from simgen.audit.finding import Check


@cache
def catalogue() -> tuple[Check, ...]:
    """Returns every check, by family and then in the order of their definition."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    members = [vars(import_module(f"{__name__}.{name}")).values() for name in modules]
    return tuple(item for family in members for item in family if isinstance(item, Check))
