"""A dataset into another format: planned, carried out block by block, finished, told."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import msgspec

from simgen.audit.reading import locate
from simgen.card import Card
from simgen.credits import flags_told
from simgen.dataset import Dataset
from simgen.export import plan
from simgen.export.convert import Block, Choices, Job
from simgen.export.destination import opened
from simgen.export.format import Format
from simgen.export.journal import Completed, Entry, Journal
from simgen.export.place import Placer
from simgen.export.pool import export_blocks
from simgen.export.splits import NAMES, Splits
from simgen.export.summary import NOTES, REPORT, Summary, licence_notes
from simgen.progress import track
from simgen.scratch import explained


def export(
    dataset: Dataset,
    out: Path,
    format: Format,
    splits: Splits,
    choices: Choices,
    jobs: int = 1,
) -> Summary:
    """Writes a dataset into `out` in another format, or what is missing there.

    Args:
        jobs: processes.

    Raises:
        SimgenError: the dataset is damaged or lacks what the format needs, or `out` holds other
            things. What is done stays, and the same call continues.
    """
    settings = plan.settings(dataset, format, splits, choices)
    blocks = plan.blocks_of(dataset, splits)
    stamps = plan.stamps_of(dataset, blocks)
    with opened(out, dataset.folder, settings):
        run = _Run(Job(dataset.folder, dataset.card, out, format, choices), blocks, stamps)
        if run.is_complete():
            return replace(run.told(), out=str(out), was_there=True)
        return run.carry_out(
            jobs, Summary(str(out), settings, splits.names, flags_told(dataset.card.assets))
        )


@dataclass(frozen=True)
class Written:
    """All frames of an export, as `finish` of a format gets them (see format.Exported)."""

    card: Card
    root: Path
    splits: dict[str, int]
    journal: Journal
    blocks: Sequence[Block]

    def notes(self, split: str) -> Iterator[bytes]:
        """Yields the notes of a split's frames, by rising frame number."""
        for block in self.blocks:
            for entry in self.journal.entries(block.number):
                if entry.split == split:
                    yield bytes(entry.note)


class _Run:
    """One export while it is written; its folder is this process's alone."""

    def __init__(self, job: Job, blocks: Sequence[Block], stamps: Mapping[int, tuple[int, int]]):
        self._job, self._blocks, self._stamps = job, blocks, stamps
        self._journal = Journal(job.out)
        self._frames = plan.digest(blocks, stamps)

    def is_complete(self) -> bool:
        """Tells whether these very frames are exported, and every file is still there."""
        done = self._journal.completed()
        there = bool(done) and done.frames == self._frames
        return there and self._journal.intact(self._journal.files())

    def told(self) -> Summary:
        """Returns what is told of a complete export."""
        return msgspec.json.decode(self._journal.completed().told, type=Summary)

    def carry_out(self, jobs: int, summary: Summary) -> Summary:
        """Writes what is missing, and returns the summary with what was counted."""
        (self._job.out / REPORT).unlink(missing_ok=True)
        self._journal.reopen()
        self._journal.clear({block.number for block in self._blocks})
        self._convert(jobs)
        summary = self._counted(summary)
        own = self._finish(summary)
        summary = replace(summary, files=summary.files + len(own))
        self._tidy(own)
        told = msgspec.Raw(msgspec.json.encode(summary))
        self._journal.complete(Completed(self._frames, told), self._files(own))
        return summary

    def _convert(self, jobs: int) -> None:
        todo = [block for block in self._blocks if not self._is_done(block)]
        frames = sum(len(block.frames) for block in self._blocks)
        missing = sum(len(block.frames) for block in todo)
        made = (i for n in export_blocks(self._job, todo, jobs) for i in range(n))
        for _ in track(made, frames, frames - missing):
            pass

    def _is_done(self, block: Block) -> bool:
        entries = self._journal.entries(block.number)
        there = [(entry.frame, entry.split, entry.stamp) for entry in entries]
        wanted = [(number, split, self._stamps[number]) for number, split in block.frames]
        return there == wanted and self._journal.intact(
            item for entry in entries for item in entry.files.items()
        )

    def _counted(self, summary: Summary) -> Summary:
        lost, splits = Counter(), Counter()
        labels = files = copied = 0
        for entry in self._entries():
            splits[entry.split] += 1
            lost.update(entry.lost)
            labels, files = labels + entry.labels, files + len(entry.files)
            copied += entry.copied
        return replace(
            summary,
            splits={name: splits[name] for name in NAMES if splits[name]},
            lost=dict(lost.most_common()),
            labels=labels,
            files=files,
            copied=copied,
        )

    def _finish(self, summary: Summary) -> dict[str, int]:
        """Writes the files that are about all frames, and returns their sizes."""
        written = Written(
            self._job.card, self._job.root, summary.splits, self._journal, self._blocks
        )
        done = self._journal.common(self._frames)
        placer = Placer(self._job.root, self._job.out, self._journal.aside)
        own = [(REPORT, [summary.report()]), (NOTES, [licence_notes(self._job.card)])]
        for path, chunks in chain(self._job.format.finish(written), own):
            if not (path in done and self._journal.intact([(path, done[path])])):
                done[path] = placer.write(path, chunks).size
                self._journal.add_common(self._frames, done)
        return done

    def _tidy(self, own: Mapping[str, int]) -> None:
        """Removes what an earlier export of fewer frames wrote and this one does not."""
        for path in self._journal.leftovers(self._files(own)):
            with explained(self._job.out, path):
                locate(self._job.out, path).unlink(missing_ok=True)

    def _files(self, own: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        for entry in self._entries():
            yield from entry.files.items()
        yield from own.items()

    def _entries(self) -> Iterator[Entry]:
        for block in self._blocks:
            yield from self._journal.entries(block.number)
