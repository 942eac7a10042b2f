"""What Cycles' settings cost and what they give: processor time and PSNR, one changed at a time.

    python benchmarks/peers/cycles_settings.py [frames] [key=value ...]

Each frame is rendered with every setting in turn, on one thread. The reference has 1,024 samples
of twelve bounces, not adaptive, not denoised and not clamped, so that what a setting leaves out
counts as well as its noise. PSNR as in race.py.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from race_tables import decibels, squared_error

from simgen.blender.renderer import Cycles
from simgen.recipe import Recipe

SMALL = ("resolution=[320,240]", "quality=preview", "renderer.samples=8", "renderer.threads=1")
MORE = (1.25, 1.5, 2)  # what the same time would give, spent on samples
REFERENCE = {"samples": 1024, "max_bounces": 12, "adaptive": 0.0, "clamp": 0.0, "denoise": False}


@dataclass(frozen=True)
class Tweaked(Cycles):
    """Cycles with a setting that simgen leaves alone."""

    tweak: Callable[[object], None] = lambda cycles: None

    def configure(self, scene) -> str:
        device = super().configure(scene)
        self.tweak(scene.cycles)
        return device


def _set(**values: object) -> Callable[[object], None]:
    def tweak(cycles) -> None:
        for name, value in values.items():
            setattr(cycles, name, value)

    return tweak


def variants(standard: Tweaked) -> dict[str, Tweaked]:
    """Returns renderers by what is different."""
    tweaks = {
        "light tree": _set(use_light_tree=True),
        "tiles of 64": _set(use_auto_tile=True, tile_size=64),
        "blue noise": _set(sampling_pattern="BLUE_NOISE"),
        "Sobol points": _set(sampling_pattern="TABULATED_SOBOL"),
        "at least 2 samples": _set(adaptive_min_samples=2),
        "at least 4 samples": _set(adaptive_min_samples=4),
        "no small lights left out": _set(light_sampling_threshold=0.0),
        "more small lights left out": _set(light_sampling_threshold=0.05),
        "spatial splits": _set(debug_use_spatial_splits=True),
    }
    fields = {
        "not adaptive": {"adaptive": 0.0},
        "adaptive to 0.02": {"adaptive": 0.02},
        "adaptive to 0.1": {"adaptive": 0.1},
        "no clamp": {"clamp": 0.0},
        "accurate denoiser": {"denoiser": "accurate"},
        "no denoiser": {"denoise": False},
    }
    fields |= {f"{n} bounces": {"max_bounces": n} for n in (1, 2, 3, 4, 6, 8)}
    fields |= {f"{x:g} times the samples": {"samples": round(x * standard.samples)} for x in MORE}
    found = {"as it is": standard}
    found |= {name: replace(standard, tweak=tweak) for name, tweak in tweaks.items()}
    return found | {name: replace(standard, **values) for name, values in fields.items()}


def lines(taken: dict[str, list[tuple[float, float]]]) -> Iterator[str]:
    """Yields a table of processor time over the first one's, and of PSNR in dB."""
    yield "| setting | CPU time | PSNR, dB |"
    yield "|---|---|---|"
    own = [seconds for seconds, _ in next(iter(taken.values()))]
    for name, rows in taken.items():
        over = statistics.median(seconds / base for (seconds, _), base in zip(rows, own))
        yield f"| {name} | {over:.2f} | {decibels([error for _, error in rows]):.1f} |"


def main(frames: int, overrides: list[str]) -> None:
    """Prints a line for each frame, then the table."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=unused", *SMALL, *overrides])
    recipe = Recipe.from_config(OmegaConf.to_container(config, resolve=True))
    standard = Tweaked(**vars(recipe.renderer))
    standard.render(recipe.proposal(10**6))  # warm up: kernels, caches
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in variants(standard)}
    for frame in range(frames):
        spec = recipe.proposal(frame)
        true = replace(standard, **REFERENCE).render(spec).rgb
        for name, renderer in variants(standard).items():
            taken[name].append(_tried(renderer, spec, true))
        print(f"frame {frame} of {frames} done", flush=True)
    print("\n".join(lines(taken)))


def _tried(renderer: Tweaked, spec, true: np.ndarray) -> tuple[float, float]:
    before = process_time()
    seen = renderer.render(spec).rgb
    return process_time() - before, squared_error(seen, true)


if __name__ == "__main__":
    numbers = [argument for argument in sys.argv[1:] if "=" not in argument]
    main(int(numbers[0]) if numbers else 4, [a for a in sys.argv[1:] if "=" in a])
