"""How large the report of many frames is, what it takes to make, and how soon a browser shows it.

python benchmarks/report_size.py [frames] [processes] [folder]

The dataset is made without rendering: 20 painted 640x480 frames of the warehouse (with grain, so
that pictures are as large as photographs), or those of a folder, and as many records of them as
asked for, each with parameters of its own. The browser is a headless Chromium, where there is one.
"""

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import msgspec
import numpy as np
from audit_speed import make
from rich.console import Console
from rich.table import Table

from simgen.report.report import as_html, report
from simgen.report.sources import Input

_PAINTED = 20
sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' browser


def multiply(folder: Path, target: Path, frames: int) -> None:
    """Writes `frames` records that name the pictures of those in `folder`, which are linked."""
    target.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
        elif path.name in ("images", "depth"):
            _linked(path, target)
    parts = msgspec.json.Decoder(dict[str, msgspec.Raw])  # what stays the same stays bytes
    records = [parts.decode(path.read_bytes()) for path in sorted((folder / "records").iterdir())]
    (target / "records").mkdir()
    rng = np.random.default_rng(0)
    for i in range(frames):
        record = records[i % len(records)]
        spec = parts.decode(record["spec"])
        drawn = msgspec.json.decode(spec["parameters"])
        for name, value in drawn.items():
            drawn[name] = value * rng.uniform(0.9, 1.1) if type(value) is float else value
        changed = {**record, "frame": i, "spec": {**spec, "parameters": drawn}}
        (target / f"records/{i:06d}.json").write_bytes(msgspec.json.encode(changed))


def _linked(folder: Path, target: Path) -> None:
    (target / folder.name).mkdir()
    for path in folder.iterdir():
        (target / folder.name / path.name).hardlink_to(path)


def opened(path: Path) -> float:
    """Returns seconds from a browser's start on the page until its first pictures are drawn."""
    from selenium import webdriver

    from tests.browser import Browser, started

    with tempfile.TemporaryDirectory() as profile:
        driver = started(webdriver, profile)
        try:
            browser = Browser(driver)
            start = perf_counter()
            browser.open(path)
            drawn = "return document.querySelectorAll('.tile img').length"
            decoded = "return Promise.all([...document.images].map((i) => i.decode()))"
            assert browser.run(drawn) > 0
            browser.run(decoded)
            return perf_counter() - start
        finally:
            driver.quit()


def main(frames: int = 10_000, jobs: int = 1, given: str = "") -> None:
    with tempfile.TemporaryDirectory() as temporary:
        source, target = Path(given or f"{temporary}/painted"), Path(temporary) / "many"
        if not given:
            make(source, _PAINTED)
        multiply(source.resolve(), target, frames)
        wall, cpu = perf_counter(), process_time()
        html = as_html([report(Input.open(target), jobs)]).encode()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = process_time() - cpu + children.ru_utime + children.ru_stime
        page = Path(temporary) / "report.html"
        page.write_bytes(html)
        table = Table("what", "figure")
        table.add_row("frames", f"{frames:,}")
        table.add_row("page", f"{len(html) / 1e6:.1f} MB")
        table.add_row("CPU-seconds", f"{cpu:.0f}, {1000 * cpu / frames:.1f} ms a frame")
        table.add_row("seconds", f"{perf_counter() - wall:.0f} with {jobs} processes")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        table.add_row("peak memory", f"{peak:.0f} MB")
        try:
            table.add_row("opened and drawn", f"{opened(page):.1f} s")
        except ImportError as error:
            table.add_row("opened and drawn", f"not measured: {error}")
        Console().print(table)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]), *sys.argv[3:])
