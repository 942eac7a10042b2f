"""Pages as a browser shows them: a headless Chromium, or a reason why there is none."""

import os
import shutil
from pathlib import Path

import pytest

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--disable-dev-shm-usage",
)  # fmt: skip


class Browser:
    """A Chromium that opens files, one after another.

    Attributes:
        driver: selenium's, for all that a test asks of the page.
    """

    def __init__(self, driver):
        self.driver = driver

    def open(self, path: Path, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Opens a file; `complaints` starts anew."""
        media = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.complaints()
        self.driver.get(path.resolve().as_uri())

    def complaints(self) -> list[str]:
        """Returns what the console said since it was last asked: errors, and what was forbidden."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def run(self, script: str, *arguments):
        """Returns what a script returns that is run in the page."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> list:
        """Returns the elements that a CSS selector finds."""
        return self.driver.find_elements("css selector", selector)

    def screenshot(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A Chromium with a profile of its own; the test is skipped where there is none."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("no chromium and chromedriver: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason='pip install -e ".[test]"')
    driver = started(webdriver, tmp_path_factory.mktemp("chromium"))
    yield Browser(driver)
    driver.quit()


def started(webdriver, profile):
    """Returns selenium's driver of a Chromium that keeps to itself.

    Args:
        webdriver: the module selenium.webdriver.
        profile: an empty folder.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(
        shutil.which("chromedriver"), env={**os.environ, "SE_OFFLINE": "true"}
    )
    return webdriver.Chrome(options, service)
