"""simgen: synthetic data for detectors, with labels that are proved right."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("simgen")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
