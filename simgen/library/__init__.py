"""The user's own mesh files: found, imported once, cached, described."""

from simgen.library.asset import Asset
from simgen.library.library import Broken, Library

__all__ = ["Asset", "Broken", "Library"]
