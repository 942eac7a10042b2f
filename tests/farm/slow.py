"""A renderer that takes its time without taking a core's."""

from dataclasses import dataclass
from time import sleep

from tests.composing import Painter


@dataclass(frozen=True)
class SlowPainter(Painter):
    """The Painter, `seconds` later."""

    seconds: float = 0.2

    def render(self, spec):
        sleep(self.seconds)
        return super().render(spec)
