"""What the frames took: time by stage, memory, disk, on which devices."""

from collections.abc import Mapping

from simgen.report.axes import number
from simgen.report.charts import bars
from simgen.report.page import escape
from simgen.report.parts import card, duration, grid, section, size_of, table
from simgen.report.statistics import Statistics


def cost_section(of: Mapping[str, Statistics]) -> str:
    """Returns the section for one dataset or two, by name."""
    cards = []
    for name, statistics in of.items():
        title = f": {name}" if len(of) > 1 else ""
        if statistics.seconds:
            cards.append(card(f"Time of a frame{title}", _times(statistics), _total(statistics)))
        if statistics.bytes:
            cards.append(card(f"Disk{title}", _disk(statistics)))
    return section("cost", "Timings and cost", grid(cards))


def _times(statistics: Statistics) -> str:
    stages = sorted(statistics.stages.items(), key=lambda item: -item[1].mean * item[1].count)
    rows = [
        (stage, *(number(v) for v in (s.quantile(0.5), s.quantile(0.95), s.high)))
        for stage, s in stages
    ]
    return table(("stage", "median s", "95 %", "most"), rows, (1, 2, 3))


def _total(statistics: Statistics) -> str:
    frames = max(statistics.frames - statistics.unreadable, 1)
    each = statistics.seconds / frames
    devices = ", ".join(f"{escape(d)} ({n:,})" for d, n in statistics.devices.most_common(6))
    return (
        f"{duration(statistics.seconds)} of one worker for all, {number(each)} s a frame: "
        f"{number(3600 / each)} frames an hour and worker, {duration(1000 * each)} for 1,000. "
        f"Most memory of a worker: {number(statistics.memory_mb)} MB. Rendered on {devices}."
    )


def _disk(statistics: Statistics) -> str:
    layers = statistics.bytes.most_common(16)
    total = sum(statistics.bytes.values())
    series = {"": [count / max(statistics.frames, 1) / 1000 for _, count in layers]}
    said = f"{size_of(total)} in all; kB of a frame, by layer:"
    return f'<p class="muted">{said}</p>{bars([name for name, _ in layers], series)}'
