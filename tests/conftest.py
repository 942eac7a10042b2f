"""What all tests share, and the end of a run of them."""

import os
import sys

from tests.browser import browser

__all__ = ["browser"]
_status = 0


def pytest_sessionfinish(exitstatus):
    global _status
    _status = int(exitstatus)


def pytest_unconfigure():
    """Ends here a process that had Blender in it: its tear-down hangs where a traceback of a failed
    test, or a library's thread, keeps the module alive."""
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status)
