"""quality=budget budget=2h: what is chosen, once for a dataset, and found again when it goes on."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from simgen.asked import frames_of, out_of
from simgen.build import build as built
from simgen.card import card_of
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.alone import alone, require_calm
from simgen.farm.budget import Bounds, Costs, choose, seconds_of, told
from simgen.farm.launcher import Unfinished
from simgen.farm.pilot import Pilot, with_samples
from simgen.farm.plan import Plan, found
from simgen.stop import Stop
from simgen.store import Place

log = logging.getLogger(__name__)
_TRIAL = 0.1  # of the budget: after that, a trial begins no further frame
_LEVER = 4  # times its samples are told from a trial, since pixels that are done stop early
_NEAR = 1.5  # times its samples need no further trial
_PLENTY = 10_000  # frames, where their number is open


def is_budget(config: Mapping[str, Any]) -> bool:
    """Returns whether samples or frames are to be chosen."""
    return "samples_min" in config.get("quality", {})


def spent(
    config: Mapping[str, Any],
    build: Callable[[Mapping[str, Any]], Any],
    make: Callable[[Any, int], Unfinished],
    stop: Stop,
) -> Mapping[str, Any]:
    """Returns the config with the samples and frames that fill its budget, if it has one.

    Raises:
        SimgenError: the budget is none, or too small.
        Interrupted: during the trial.
    """
    check(config)
    if not is_budget(config):
        return config
    with alone(out := out_of(config), stop):
        return _Spending(config, build, make, stop, out).settled()


def check(config: Mapping[str, Any]) -> None:
    """Raises SimgenError where a config asks for what cannot be chosen."""
    if not is_budget(config):
        if config.get("budget") is not None:
            raise SimgenError(f"budget={config['budget']} is for quality=budget: add that")
        return
    if config.get("budget") is None:
        raise SimgenError("quality=budget needs a budget=, such as 90s, 30m, 2h or 1h30m")
    samples = config["renderer"].get("samples")
    if samples != config["quality"]["samples"]:
        raise SimgenError(
            f"renderer.samples={samples} leaves quality=budget no choice: say quality.samples=, "
            "which it takes where frames= is open, or quality=standard"
        )
    seconds_of(config["budget"])
    Bounds.of(config["quality"])
    if config["frames"] is not None:
        frames_of(config)


@dataclass(frozen=True)
class _Spending:
    """One choice, made while no other process makes one for the same dataset."""

    config: Mapping[str, Any]
    build: Callable[[Mapping[str, Any]], Any]
    make: Callable[[Any, int], Unfinished]
    stop: Stop
    out: Place

    def settled(self) -> dict[str, Any]:
        """Returns the config with what was chosen before, or now."""
        bounds, kept, pinned = Bounds.of(self.config["quality"]), *found(self.out)
        if pinned:  # there are frames, whose samples are the dataset's
            bounds = Bounds(pinned, pinned, pinned)
        elif kept and self._is_asked(kept):  # by a run that has just begun
            bounds = Bounds(kept.samples, kept.samples, kept.samples)
        recipe = self.build(self.config)
        self._open(recipe, self._with(bounds.good, kept))  # so that it is known to be ours
        if pinned and self._given is not None:
            return self._with(pinned, kept)
        plan = self._plan(kept, recipe, bounds)
        settled = self._with(plan.samples, plan)
        self._open(recipe, settled)
        return settled

    @property
    def _given(self) -> int | list[int] | None:
        return self.config["frames"]

    def _open(self, recipe: Any, config: Mapping[str, Any]) -> None:
        Dataset.open(self.out, card_of(config, recipe), config)

    def _with(self, samples: int, plan: Plan | None) -> dict[str, Any]:
        frames = plan.frames if plan and self._given is None else self._given
        budget = asdict(plan) if plan else self.config["budget"]
        return with_samples(self.config, samples) | {"frames": frames, "budget": budget}

    def _is_asked(self, plan: Plan) -> bool:
        return (plan.asked, plan.given) == (seconds_of(self.config["budget"]), self._given)

    def _plan(self, kept: Plan | None, recipe: Any, bounds: Bounds) -> Plan:
        asked, given = seconds_of(self.config["budget"]), self._given
        ours = kept if kept and bounds.only in (None, kept.samples) else None
        if ours and self._is_asked(ours):
            log.info("budget=%s: %s, as chosen before", told(asked), ours.told())
            return ours
        if ours and bounds.only:  # another budget for the frames that are there
            costs, spent_s = ours.costs, ours.spent_s
        else:
            costs, spent_s = self._tried(recipe, asked, bounds)
        choice = choose(costs, spent_s, asked, bounds, self._count)
        plan = Plan(asked, given, choice.samples, choice.frames, spent_s, costs)
        log.info("budget=%s: %s; %s", told(asked), plan.told(), costs.told())
        return plan

    @property
    def _count(self) -> int | None:
        return None if self._given is None else len(frames_of(self.config))

    def _tried(self, recipe: Any, asked: float, bounds: Bounds) -> tuple[Costs, float]:
        """Returns what frames take, and the seconds that it took to find out."""
        if self.config.get("shard"):
            raise SimgenError(
                "shard= with quality=budget: each shard would choose for itself; choose once "
                "without shard=, then give all shards frames= and quality.samples="
            )
        wanted = range(_PLENTY) if self._given is None else frames_of(self.config)
        launcher = built(self.config["launcher"], "launcher")
        pilot = Pilot(launcher, self.build, self.make, recipe, self.out, wanted, self.stop)
        start, samples = perf_counter(), max(2, bounds.good)
        while True:
            costs = pilot.costs(self.config, max(1, samples // _LEVER), samples, _TRIAL * asked)
            require_calm(self.stop)
            spent_s = perf_counter() - start
            choice = choose(costs, spent_s, asked, bounds, self._count)
            far, tried = choice.samples > _LEVER * samples, samples
            samples = min(choice.samples, _LEVER * samples)
            next_s = costs.start_s + 4 * costs.frame_s(samples)
            if samples < _NEAR * tried or spent_s + next_s > (1 + far) * _TRIAL * asked:
                return costs, spent_s
