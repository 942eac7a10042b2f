"""The Ray cluster of a run with launcher=ray: can it be joined, and how many workers have room?"""

from collections.abc import Iterator
from typing import Any

from simgen.build import build
from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, OK, WARNING, Finding

_JOIN_S = 120  # where something listens that is no Ray, Ray itself would try for longer


def ray_cluster(exam: Exam) -> Iterator[Finding]:
    """Joins the cluster as the run would, and leaves it."""
    launcher = exam.config["launcher"]
    if not str(launcher.get("_target_", "")).endswith(".OnRay"):
        return
    answer = exam.ask("simgen.doctor.cluster.join", _JOIN_S, launcher=launcher)
    if answer.trouble:
        remedy = "`ray status` there tells more; launcher.address=local needs no other machine"
        yield Finding("ray cluster", FAILED, answer.trouble, remedy)
        return
    room, wanted = answer.value, launcher.get("workers", "auto")
    found = f"joined; room for {room} worker{'s' * (room > 1)} now"
    if wanted == "auto" or wanted <= room:
        yield Finding("ray cluster", OK, found)
    else:
        remedy = f"workers={room}, or more nodes: the others wait for room"
        yield Finding("ray cluster", WARNING, f"{found}, where workers={wanted}", remedy)


def join(launcher: dict[str, Any]) -> int:
    """Returns how many workers the cluster has room for; run in a process of its own.

    Raises:
        SimgenError: there is no such cluster, it cannot be joined, or has room for none.
    """
    on_ray = build(launcher, "launcher")
    try:
        on_ray.size(1)  # says why, where there is room for none
        return on_ray.room()
    finally:
        on_ray.leave()
