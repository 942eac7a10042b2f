"""What all tests share, and the end of a run of them."""

import os
import sys

from hypothesis import HealthCheck, settings

from tests.browser import browser

__all__ = ["browser"]
# The same examples each time, whatever the machine's pace; `--hypothesis-profile=explore` has new.
_ANY_PACE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("explore", **_ANY_PACE)
settings.register_profile("simgen", derandomize=True, **_ANY_PACE)
settings.load_profile("simgen")
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
