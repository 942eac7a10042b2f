"""What the race gave, as markdown."""

import json
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from simgen.machine import cores
from simgen.sensor import LUMINANCE, MIDDLE_GREY

REFERENCE = 2048
Walls = dict[int, dict[str, list[float]]]  # seconds by samples and racer


def read(log: Path) -> dict[tuple[int, int], dict]:
    """Returns what each racer took, by samples and frame: of a round run twice the second time."""
    lines = map(json.loads, log.read_text().splitlines() if log.exists() else ())
    return {(line["samples"], line["frame"]): line["taken"] for line in lines}


def picture(folder: Path, racer: str, frame: int, samples: int) -> Path:
    """Returns where a picture's linear light is kept, (H, W, 3) float32."""
    return folder / "pictures" / f"{racer.replace(', ', '-')}-{frame}-{samples}.npy"


def all_of(
    folder: Path,
    size: tuple[int, int],
    labelled: Sequence[str],
    bare: Sequence[str],
    pictures: int,
) -> str:
    """Returns the machine, then the tables."""
    walls: Walls = {}
    for (count, _), racers in read(folder / "turns.jsonl").items():
        for name, taken in racers.items():
            walls.setdefault(count, {}).setdefault(name, []).append(taken["wall"])
    parts = [f"{size[0]}x{size[1]}, {machine()}"]
    parts += [
        "\n".join(_equal_samples(count, walls[count], labelled, bare))
        for count in sorted(walls)
        if bare[0] in walls[count]
    ]
    if pictures:
        curves = {name: _curve(folder, name, pictures, walls) for name in labelled}
        parts += ["\n".join(_curves(curves)), "\n".join(_equal_quality(curves))]
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """Returns the processor, cores and system in a line."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{names[0] if names else platform.machine()}, {cores()} cores, {platform.system()}"


def _equal_samples(
    samples: int, walls: dict[str, list[float]], labelled: Sequence[str], bare: Sequence[str]
) -> Iterator[str]:
    """Yields a table of seconds a frame; ratios are of sums over the same frames."""
    columns = ("frames a minute", "s a frame: median", "min", "max", "over its bare loop")
    yield f"| {samples} samples | {' | '.join(columns)} |"
    yield "|---" * 6 + "|"
    own = dict(zip(labelled, bare))
    for name in (*labelled, *bare):
        took = walls[name]
        over = f"{sum(took) / sum(walls[own[name]]):.2f}" if name in own else ""
        yield (
            f"| {name} | {60 / median(took):.1f} | {median(took):.2f} | {min(took):.2f} "
            f"| {max(took):.2f} | {over} |"
        )


def _curve(folder: Path, name: str, frames: int, walls: Walls) -> list[tuple[int, float, float]]:
    """Returns samples, PSNR in dB and median seconds a frame, by rising samples."""
    return [
        (count, _psnr(folder, name, frames, count), median(walls[count][name]))
        for count in sorted(walls)
        if picture(folder, name, 0, count).exists()
    ]


def _psnr(folder: Path, name: str, frames: int, samples: int) -> float:
    """Returns dB over all pixels of the frames."""
    errors = []
    for frame in range(frames):
        true = np.load(picture(folder, name, frame, REFERENCE))
        seen = np.load(picture(folder, name, frame, samples))
        errors.append(squared_error(seen, true))
    return decibels(errors)


def squared_error(seen: np.ndarray, true: np.ndarray) -> float:
    """Returns the mean over the pixels of two pictures in linear light, as 8-bit sRGB at the
    exposure that brings the true one to middle grey."""
    gain = MIDDLE_GREY / np.exp(np.log(np.maximum(true @ LUMINANCE, 1e-6)).mean())
    return float(np.square(_srgb(seen * gain) - _srgb(true * gain)).mean())


def decibels(errors: list[float]) -> float:
    """Returns the PSNR over all pictures."""
    return float(10 * np.log10(255**2 / np.mean(errors)))


def _srgb(light: np.ndarray) -> np.ndarray:
    """Returns 8-bit values, as float64."""
    light = light.astype(float).clip(0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded)


def _curves(curves: dict[str, list[tuple[int, float, float]]]) -> Iterator[str]:
    yield "| PSNR in dB (s a frame) by samples | " + " | ".join(curves) + " |"
    yield "|---" * (len(curves) + 1) + "|"
    for row in zip(*curves.values()):
        cells = (f"{psnr:.1f} ({seconds:.2f})" for _, psnr, seconds in row)
        yield f"| {row[0][0]} | " + " | ".join(cells) + " |"


def _equal_quality(curves: dict[str, list[tuple[int, float, float]]]) -> Iterator[str]:
    """Yields seconds a frame at the PSNRs that the last racer has, and how often faster the first
    is than each; what a racer's curve does not span is left open."""
    names = list(curves)
    ratios = " | ".join(f"{names[0]} is faster than {name}" for name in names[1:])
    yield "| at PSNR, dB | " + " | ".join(f"{name}, s" for name in names) + f" | {ratios} |"
    yield "|---" * (2 * len(names)) + "|"
    for _, psnr, _ in curves[names[-1]]:
        took = [_seconds_at(curve, psnr) for curve in curves.values()]
        cells = [f"{t:.2f}" if t else "" for t in took]
        cells += [f"{t / took[0]:.2f}x" if t and took[0] else "" for t in took[1:]]
        yield f"| {psnr:.1f} | " + " | ".join(cells) + " |"


def _seconds_at(curve: list[tuple[int, float, float]], psnr: float) -> float | None:
    """Returns seconds, their logarithm interpolated over PSNR between neighbouring counts."""
    for (_, low, before), (_, high, after) in zip(curve, curve[1:]):
        if low <= psnr <= high:
            share = (psnr - low) / (high - low)
            return float(before ** (1 - share) * after**share)
    return None
