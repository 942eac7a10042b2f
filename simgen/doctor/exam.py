"""A machine and a job, and what has been asked of them so far."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from simgen.asked import frames_of, whole
from simgen.build import build
from simgen.doctor.child import Answer, Ask, ask
from simgen.doctor.finding import Finding
from simgen.errors import SimgenError
from simgen.farm.shard import Shard

START_S = 120  # for what takes a second or two
RENDER_S = 600  # a driver may compile Cycles' kernels first, once
DRAW_S = 180  # software compiles EEVEE's shaders slowly


@dataclass(frozen=True)
class Exam:
    """What the checks look at; each question is asked once.

    Attributes:
        config: of the job, as composed and resolved.
        ask: as `simgen.doctor.child.ask`.
    """

    config: dict[str, Any]
    ask: Ask = ask

    @property
    def renderer(self) -> dict[str, Any]:
        return self.config["renderer"]

    @property
    def is_cycles(self) -> bool:
        return str(self.renderer.get("_target_", "")).endswith(".Cycles")

    @property
    def is_eevee(self) -> bool:
        return str(self.renderer.get("_target_", "")).endswith(".Eevee")

    @property
    def device(self) -> str:
        """What Cycles is asked to render on."""
        return self.renderer.get("device", "auto") if self.is_cycles else "auto"

    @cached_property
    def frames(self) -> Collection[int]:
        """The numbers of the frames that this run is to make, in its shard= alone; none where they
        are yet to be chosen."""
        try:
            shard = Shard.of(self.config["shard"])
            return shard.frames(frames_of(self.config), self._together)
        except SimgenError:  # which the first frame tells
            return ()

    @property
    def _together(self) -> int:
        """As the recipe's, which is not built here: it might crash."""
        targets = build(self.config["targets"], "targets")
        return max(targets.together, whole(self.config, "views", 1))

    @property
    def out(self) -> Path:
        return Path(str(self.config["out"])).expanduser()

    @cached_property
    def blender(self) -> Answer:
        """Blender's version."""
        return self.ask("simgen.blender.trial.version", START_S)

    @cached_property
    def raw(self) -> Answer:
        """A frame of Cycles' on the job's device, without denoiser."""
        return self._cycles(denoise=False)

    @cached_property
    def denoised(self) -> Answer:
        """The same with it."""
        return self._cycles(denoise=True)

    @cached_property
    def eevee(self) -> Answer:
        """A frame of EEVEE's."""
        node = {"_target_": "simgen.blender.renderer.Eevee", "samples": 1}
        return self.ask("simgen.blender.trial.render", DRAW_S, renderer=node)

    @cached_property
    def frame(self) -> Answer:
        """The first frame of the job, with one sample."""
        index = min(self.frames, default=0)
        return self.ask("simgen.doctor.rehearsal.frame", RENDER_S, config=self.config, index=index)

    def _cycles(self, denoise: bool) -> Answer:
        node = {
            "_target_": "simgen.blender.renderer.Cycles",
            "samples": 4,
            "device": self.device,
            "denoise": denoise,
        }
        return self.ask("simgen.blender.trial.render", RENDER_S, renderer=node)


Check = Callable[[Exam], Iterator[Finding]]
