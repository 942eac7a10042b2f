"""From targets to frames: which proposal each frame takes.

Frame i depends on (config, seed, i) alone. A pilot of proposals that become no frame shows what the
scene does by itself and how to steer it. Frames are then chosen in blocks of neighbours, which
whoever makes one of them looks at as a whole: nothing is counted from block to block, and their
errors, each as small as its proposals allow, average out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from simgen.errors import ProposalRejected, SimgenError
from simgen.proposal import Accept, proposals
from simgen.rng import stream
from simgen.spec import SceneSpec
from simgen.targets.choose import choose
from simgen.targets.goals import Shares
from simgen.targets.match import misfit
from simgen.targets.pilot import Pilot, fly
from simgen.targets.shown import Shown
from simgen.targets.targets import Targets
from simgen.targets.wanted import Wanted
from simgen.truth.raycast import raycast

GOLDEN, SILVER = (sqrt(5) - 1) / 2, sqrt(2) - 1  # their multiples, modulo 1, spread evenly

Candidate = tuple[SceneSpec, Shown]


@dataclass(frozen=True)
class Plan:
    """Chooses between proposals.

    Attributes:
        draw: makes a proposal: `draw(frame, attempt, wanted, prefix)`, see Recipe.sample.
        steered: whether it heeds what is wanted.
    """

    targets: Targets
    draw: Callable[[int, int, Wanted, str], SceneSpec]
    steered: bool
    accept: Accept
    categories: tuple[str, ...]
    seed: int

    def spec(self, index: int) -> SceneSpec:
        """Returns the proposal that a frame takes.

        Raises:
            SimgenError: none will do, or the targets cannot be met.
        """
        start = index - index % self.targets.together
        if start not in self._blocks:
            self._blocks.clear()  # one is enough: frames are made in order
            self._blocks[start] = self._block(start)
        chosen = self._blocks[start][index - start]
        if isinstance(chosen, SimgenError):
            raise chosen
        return chosen

    def wanted(self, index: int, pilot: Pilot | None = None) -> Wanted:
        """Returns what a frame should show, as far as it can be steered."""
        pilot = pilot or self._pilot
        first, second = stream(self.seed, 0, "targets").random(2)
        point, other = (first + index * GOLDEN) % 1, (second + index * SILVER) % 1
        reference = self.targets.reference
        picture = reference.picture(point) if reference else None
        return Wanted(
            weights=pilot.weights,
            shares=self._shares(index, pilot),
            point=other,
            count=len(picture.boxes) if picture else self.targets.count(point),
            boxes=picture.boxes if picture else None,
            aspect=picture.aspect if picture else None,
        )

    def _shares(self, index: int, pilot: Pilot) -> dict[str, float]:
        """Returns the pilot's shares in an order that changes once all have had their turn."""
        names = list(pilot.shares)
        if names:
            stream(self.seed, index // len(names), "targets/order").shuffle(names)
        return {name: pilot.shares[name] for name in names}

    def _block(self, start: int) -> list[SceneSpec | SimgenError]:
        """Returns the proposal that each frame of a block takes, or why it has none."""
        found = [self._candidates(index) for index in self._numbers(start)]
        some = [k for k, each in enumerate(found) if not isinstance(each, SimgenError)]
        shown = [[one for _, one in found[k]] for k in some]
        misfits = [[self._misfit(start + k, one) for _, one in found[k]] for k in some]
        for k, taken in zip(some, choose(self._goals, shown, misfits)):
            found[k] = found[k][taken][0]
        return found

    def _numbers(self, start: int) -> range:
        return range(start, start + self.targets.together)

    def _candidates(self, index: int) -> list[Candidate] | SimgenError:
        wanted = self.wanted(index)
        count = 1 if self.targets.together == 1 else self.targets.proposals
        try:
            return proposals(
                lambda attempt: self.draw(index, attempt, wanted, ""),
                self._judged,
                index,
                self.accept.max_attempts,
                count,
            )
        except SimgenError as error:
            return error

    def _judged(self, spec: SceneSpec) -> Shown:
        shown = self._seen(spec)
        for each in self.targets.ranges:
            if not each.kept(shown):
                raise ProposalRejected(f"an object is out of range: widen {each}")
        return shown

    def _seen(self, spec: SceneSpec) -> Shown:
        self.accept.clear(spec)
        truth = raycast(spec, amodal=self.targets.silhouettes)
        self.accept.view(spec, truth)
        return Shown.of(spec, truth)

    def _misfit(self, index: int, shown: Shown) -> float:
        if not self.steered or not self.targets.reference:
            return 0.0
        return misfit(shown, self.wanted(index).boxes)

    @cached_property
    def _goals(self) -> tuple[Shares, ...]:
        return self.targets.shares(self.categories)

    @cached_property
    def _pilot(self) -> Pilot:
        return fly(self.targets, self._goals, self.steered, self._tried)

    def _tried(self, number: int, pilot: Pilot) -> Shown | str:
        """Returns what a proposal of the pilot shows, or why it will not do."""
        try:
            return self._seen(self.draw(number, 0, self.wanted(number, pilot), "pilot/"))
        except ProposalRejected as rejection:
            return str(rejection)

    @cached_property
    def _blocks(self) -> dict[int, list[SceneSpec | SimgenError]]:
        return {}
