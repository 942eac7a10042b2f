"""simgen in the race: whole frames, from nothing to the record on the disk.

While a frame is finished and put on the disk the next one is rendered, as in a run's workers.

python race_simgen.py FOLDER WIDTH HEIGHT PIPE
"""

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_module
from in_turn import serve
from omegaconf import OmegaConf
from race_scene import Race

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.exposure import Exposed, expose
from simgen.farm.worker import TIDY_EACH
from simgen.machine import return_memory
from simgen.recipe import Recipe

OVERRIDES = ("randomize=[]", "writer=[images,depth,normals,instance,coco]", "out=unused", "seed=0")


def recipe(size: tuple[int, int]) -> Recipe:
    """Returns the race's scene with everything else as it is by default."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", [*OVERRIDES, f"resolution=[{size[0]},{size[1]}]"])
    config = OmegaConf.to_container(config, resolve=True)
    return replace(Recipe.from_config(config), scene=Race(size))


class Work:
    """What is asked of a racer."""

    def __init__(self, folder: Path, size: tuple[int, int]):
        self._recipe, self._folder = recipe(size), folder
        self._datasets: dict[int, Dataset] = {}
        self._begun = 0
        self._store, self._last = ThreadPoolExecutor(1), Future[None]()
        self._last.set_result(None)

    def __call__(self, frame: int, samples: int, picture: str = "", exact: bool = False) -> None:
        """Makes a labelled frame; or the light alone, without adaptive sampling and denoiser where
        it is to be exact, kept in the file `picture`."""
        renderer = replace(self._recipe.renderer, samples=samples)
        if picture:
            if exact:
                renderer = replace(renderer, adaptive=0.0, denoise=False)
            np.save(picture, renderer.render(self._recipe.proposal(frame)).rgb)
        else:
            exposed = expose(replace(self._recipe, renderer=renderer), frame)
            self._begun += 1
            if self._begun % TIDY_EACH == 0:
                return_memory()
            self.settle()
            self._last = self._store.submit(self._commit, exposed, samples)

    def settle(self) -> None:
        """Waits until the last frame is on the disk."""
        self._last.result()

    def _commit(self, exposed: Exposed, samples: int) -> None:
        self._dataset(samples).commit(exposed.finished(), self._recipe.writers.values())

    def _dataset(self, samples: int) -> Dataset:
        if samples not in self._datasets:
            config = {"seed": 0, "samples": samples}
            card = make_card(config, self._recipe.categories, {})
            folder = self._folder / f"simgen-{samples}"
            self._datasets[samples] = Dataset.open(folder, card, config)
        return self._datasets[samples]


if __name__ == "__main__":
    place, width, height, pipe = sys.argv[1:]
    work = Work(Path(place), (int(width), int(height)))
    serve(work, int(pipe), work.settle)
