"""All checks over all frames of a folder, here or in several processes."""

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from typing import Any

from simgen.audit.checks import catalogue
from simgen.audit.examine import READABLE, Seen, examine, failed, merge, tally
from simgen.audit.finding import Check, Outcome, wrong
from simgen.audit.folder import Folder
from simgen.audit.frame import NEEDS
from simgen.audit.reading import MAX_JSON, Unreadable, read
from simgen.audit.source import Source, Task
from simgen.dataset import CARD
from simgen.errors import SimgenError
from simgen.progress import track

_AHEAD = 4  # frames that wait for each process


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        outcomes: by name of the check, in the order of the catalogue.
        digest: SHA-256 over the lines "<SHA-256>  <path>", sorted, of `files` that were read: the
            card, the annotation file and each frame's record, or image where there is none.
    """

    folder: Folder
    outcomes: dict[str, Outcome]
    frames: int
    files: int
    digest: str

    @property
    def errors(self) -> int:
        return sum(outcome.errors for outcome in self.outcomes.values())

    @property
    def warnings(self) -> int:
        return sum(outcome.warnings for outcome in self.outcomes.values())


def audit(folder: Folder, jobs: int = 1, checks: Sequence[Check] | None = None) -> Audit:
    """Returns what the checks say of a folder.

    Args:
        jobs: processes.
        checks: of the catalogue; None for all.
    """
    checks = catalogue() if checks is None else checks
    outcomes = {READABLE: Outcome(), **{each.name: Outcome() for each in checks}}
    notes: dict[str, list[tuple[Any, Any]]] = {each.name: [] for each in checks if each.conclude}
    stands = []
    asked = [each for each in checks if not each.whole]
    for seen in track(_seen(folder, asked, jobs), folder.frames, 0):
        for name, outcome in seen.outcomes.items():
            merge(outcomes[name], outcome)
        for name, note in seen.notes.items():
            notes[name].append((seen.number, note))
        stands.append(seen.stands)
    for each in checks:
        if each.conclude and notes[each.name]:
            merge(outcomes[each.name], _concluded(each, notes[each.name]))
        elif each.whole:
            merge(outcomes[each.name], _of_folder(each, folder))
    merge(outcomes[READABLE], _unread(folder))
    lines = sorted(f"{digest}  {path}\n" for path, digest in [*stands, *_heads(folder)] if digest)
    digest = sha256("".join(lines).encode()).hexdigest()
    return Audit(folder, outcomes, folder.frames, len(lines), digest)


def _concluded(each: Check, notes: Sequence[tuple[Any, Any]]) -> Outcome:
    return replace(_asked(each, "", each.conclude, notes), frames=len(notes))


def _of_folder(each: Check, folder: Folder) -> Outcome:
    lacking = next((need for need in each.needs if not folder.has(need)), None)
    if lacking:
        return Outcome(lacking={NEEDS[lacking]: folder.frames})
    outcome = _asked(each, folder.file(each.file), each.look, folder)
    return replace(outcome, frames=folder.frames)


def _asked(each: Check, file: str, question: Callable[[Any], Any], of: Any) -> Outcome:
    """Returns what a question to all frames at once says; an odd value ends it with a finding."""
    try:
        return tally(each.name, None, file, question(of))
    except Unreadable as error:
        return tally(each.name, None, error.file, [wrong(error.reason)])
    except Exception as error:
        return failed(each, None, file, error)


def _unread(folder: Folder) -> Outcome:
    cases = [wrong(problem.reason, file=problem.file) for problem in folder.problems]
    return replace(tally(READABLE, None, "", cases), frames=0)


def _heads(folder: Folder) -> Iterator[tuple[str, str]]:
    """Yields path and SHA-256 of the files that are about all frames."""
    for path in (CARD if folder.source.card else "", folder.source.annotations):
        if path:
            yield path, sha256(read(folder.source.root, path, MAX_JSON)).hexdigest()


def _seen(folder: Folder, checks: Sequence[Check], jobs: int) -> Iterator[Seen]:
    """Yields what was seen in each frame, in order."""
    names = tuple(each.name for each in checks)
    if jobs == 1:
        for task in folder.tasks():
            yield examine(folder.source, checks, task)
        return
    start = (folder.source, names)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, start) as pool:
        try:
            yield from _in_order(pool, folder.tasks(), _AHEAD * jobs)
        except BrokenProcessPool as error:
            raise SimgenError(
                "a process of the audit died, as when memory is short: fewer --jobs need less"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, tasks: Iterator[Task], ahead: int) -> Iterator[Seen]:
    waiting: deque[Future[Seen]] = deque(pool.submit(_look, task) for task in islice(tasks, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(_look, task) for task in islice(tasks, 1))


_mine: dict[str, Any] = {}  # what a process of the pool was started with


def _begin(source: Source, names: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it ends
    _mine["source"] = source
    _mine["checks"] = [each for each in catalogue() if each.name in names]


def _look(task: Task) -> Seen:
    return examine(_mine["source"], _mine["checks"], task)
