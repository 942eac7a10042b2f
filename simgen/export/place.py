"""Files put into an export: hard links where they can be, never half of one."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from simgen.audit.reading import Unreadable, locate
from simgen.export.linked import Linked
from simgen.scratch import explained, move_into_place

_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
LINK, COPY = "link", "copy"


@dataclass(frozen=True)
class Placed:
    """How a file came into an export.

    Attributes:
        size: bytes.
        how: 'link' or 'copy' for a file of the dataset's, '' for one that is new.
    """

    size: int
    how: str = ""


class Placer:
    """Puts files of the dataset `root` and new ones into `out`.

    What is not yet whole lies in `aside`, on the same disk.
    """

    def __init__(self, root: Path, out: Path, aside: Path, link: bool = True):
        self._root, self._out, self._aside, self._link = root, out, aside, link
        self._count = count()

    def put(self, relative: str, content: bytes | Linked) -> Placed:
        """Puts one file at `relative` in place of what may be there.

        Raises:
            SimgenError: the disk refuses, or the dataset's file is missing or empty.
        """
        if isinstance(content, Linked) and not content.recoded:
            with explained(self._out, relative):
                target = locate(self._out, relative)
                return self._take(locate(self._root, content.path), content.path, target)
        data = content.read(self._root) if isinstance(content, Linked) else content
        return self.write(relative, [data])

    def write(self, relative: str, chunks: Iterable[bytes]) -> Placed:
        """Puts a new file, given in pieces, at `relative`; raises as `put` does."""
        target = locate(self._out, relative)
        with explained(self._out, relative), self._new(target) as path:
            with open(path, "xb") as file:
                file.writelines(chunks)
                return Placed(file.tell())

    def _take(self, source: Path, name: str, target: Path) -> Placed:
        try:
            about = source.stat()
        except OSError as error:
            raise Unreadable(name, f"{error.strerror}: generate its frame anew") from error
        if not source.is_file() or not about.st_size:
            raise Unreadable(name, "it is empty, or no plain file: generate its frame anew")
        if self._link and self._linked(source, target, about):
            return Placed(about.st_size, LINK)
        with self._new(target) as path:
            shutil.copyfile(source, path)
        return Placed(about.st_size, COPY)

    def _linked(self, source: Path, target: Path, about: os.stat_result) -> bool:
        """Tells whether `target` could be made another name of the same file."""
        if _is(target, about):
            return True  # renaming one name of a file to another would leave both
        try:
            with self._new(target) as path:
                os.link(source.resolve(), path)
            return True
        except OSError as error:
            if error.errno in _NO_LINK:
                return False
            raise

    @contextmanager
    def _new(self, target: Path) -> Iterator[Path]:
        """Yields a path for a file, which is then moved to `target`."""
        path = self._aside / f"{os.getpid()}-{next(self._count)}"
        yield path
        move_into_place(path, target)


def _is(target: Path, about: os.stat_result) -> bool:
    try:
        return os.path.samestat(target.lstat(), about)
    except FileNotFoundError:
        return False
