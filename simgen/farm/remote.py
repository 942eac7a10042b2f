"""A dataset in an object store, through fsspec: s3://bucket/prefix, gs://..., az://...

The rule of a local folder holds, because an object appears whole and in one step, in the place of
an older one if there is one, and can be read and listed from then on (S3:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel). So a frame's
record is put when the puts of its files have been confirmed. What a killed upload leaves are
parts that no one sees; a lifecycle rule of the bucket, AbortIncompleteMultipartUpload, removes
them.

Credentials, region and endpoint are found where the store's other tools find them, and further
settings of fsspec's in its own variables, such as FSSPEC_S3_REQUESTER_PAYS=true. Requests that fail
for a while are repeated by those libraries, as often as AWS_MAX_ATTEMPTS says.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from simgen.audit.reading import Unreadable
from simgen.errors import SimgenError
from simgen.scratch import FOLDER
from simgen.store import Replaced, folder_of, plain

log = logging.getLogger(__name__)
_PART = 1 << 24  # bytes of an upload in pieces; S3 takes 10,000 of them, so files up to 160 GB
_AHEAD = 32  # small files that are read at the same time


@dataclass(frozen=True)
class _Kind:
    """What is to be known of a store; a scheme is only here if its puts are atomic."""

    package: str
    credentials: str
    endpoint: str = "the network"


_S3 = _Kind(
    "'simgen[s3]'",
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or ~/.aws",
    "AWS_ENDPOINT_URL and the network",
)
_GS = _Kind("gcsfs", "GOOGLE_APPLICATION_CREDENTIALS")
_AZ = _Kind("adlfs", "AZURE_STORAGE_CONNECTION_STRING")
_KINDS = {
    "s3": _S3, "gs": _GS, "gcs": _GS, "az": _AZ, "abfs": _AZ, "abfss": _AZ,
    "memory": _Kind("fsspec", "nothing"),
}  # fmt: skip


@dataclass(frozen=True)
class Remote:
    """Everything under an URL; connected to when first used, by each process for itself."""

    url: str

    def __post_init__(self):
        scheme, _, rest = self.url.partition("://")
        if scheme not in _KINDS:
            raise SimgenError(
                f"{self.url}: nothing is written to {scheme}://, where a killed run could leave "
                f"half a file; give s3://, gs://, az:// or a folder"
            )
        with suppress(SimgenError):
            if plain(rest) and not set(rest) & set("?*[]:#"):
                return
        raise SimgenError(f"{self.url} must be {scheme}://BUCKET or {scheme}://BUCKET/FOLDERS")

    def path(self, relative: str) -> Path:
        """Raises SimgenError: nothing of it is on this machine."""
        return folder_of(self.url) / relative

    def begin(self) -> set[str]:
        return self.names("") - {FOLDER}

    def names(self, folder: str) -> set[str]:
        place = self._key(folder) if folder else self._root
        with self._told(f"list {folder or 'what is there'}"), suppress(FileNotFoundError):
            return {name.rpartition("/")[2] for name in self._files.ls(place, detail=False)}
        return set()

    def read(self, path: str) -> bytes:
        return next(self.read_each([path]))

    def read_each(self, paths: Iterable[str]) -> Iterator[bytes]:
        waiting = iter(paths)
        while some := list(islice(waiting, _AHEAD)):
            with self._told(f"read {some[0]}"):
                keys = [self._key(path) for path in some]
                found = self._files.cat_ranges(keys, None, None, on_error="return")
            for path, data in zip(some, found):
                with self._told(f"read {path}"), _missing(path):
                    if isinstance(data, Exception):
                        raise data
                yield data

    def pieces(self, path: str) -> Iterator[bytes]:
        with self._told(f"read {path}"), _missing(path):
            file = self._files.open(self._key(path), "rb", block_size=_PART)
        with file:
            while True:
                with self._told(f"read {path}"), _missing(path):
                    piece = file.read(_PART)
                if not piece:
                    return
                yield piece

    def commit(self, files: Mapping[str, bytes], last: str, record: bytes) -> None:
        """Puts the files at the same time, and then the record."""
        with self._told(f"write {last}"):
            self._files.pipe({self._key(name): data for name, data in files.items()})
            self._files.pipe_file(self._key(last), record)

    def replace(self, path: str, chunks: Iterable[bytes]) -> None:
        parts = _parts(chunks)
        first = next(parts)
        if len(first) < _PART:
            with self._told(f"write {path}"):
                self._files.pipe_file(self._key(path), first)
        else:
            self._upload(path, chain([first], parts))

    def remove(self, path: str) -> None:
        with self._told(f"remove {path}"), suppress(FileNotFoundError):
            self._files.rm_file(self._key(path))

    def clear(self) -> None:
        """Does nothing: see the top."""

    def discard(self) -> None:
        """Removes everything under the URL."""
        with self._told("remove what is there"), suppress(FileNotFoundError):
            self._files.rm(self._root, recursive=True)

    def _upload(self, path: str, parts: Iterable[bytes]) -> None:
        """Puts a file in several requests, the last of which makes it appear."""
        with self._told(f"write {path}"):
            file = self._files.open(self._key(path), "wb", block_size=_PART, autocommit=False)
        try:
            for part in parts:
                with self._told(f"write {path}"):
                    file.write(part)
            with self._told(f"write {path}"):
                file.close()
                file.commit()
        except BaseException:
            for undo in (file.close, file.discard):
                with suppress(Exception):  # what went wrong before is told
                    undo()
            raise

    @cached_property
    def _files(self) -> Any:
        """The connection."""
        kind = _KINDS[self.url.partition("://")[0]]
        for name in ("botocore", "aiobotocore"):  # they tell where they found credentials
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            connect = import_module("fsspec").url_to_fs
            return connect(self.url, use_listings_cache=False)[0]  # others add to it
        except ImportError as error:
            raise SimgenError(f"{self.url} needs: pip install {kind.package} ({error})") from error

    @cached_property
    def _root(self) -> str:
        return self._files._strip_protocol(self.url)

    def _key(self, path: str) -> str:
        return f"{self._root}/{plain(path)}"

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turns whatever the store's library raises into one line that says what to do."""
        try:
            yield
        except SimgenError:
            raise
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise SimgenError(
                f"{self.url}: cannot {what}: {lines[0].rstrip('.')}; {self._remedy(error)}"
            ) from error

    def _remedy(self, error: Exception) -> str:
        kind, name = _KINDS[self.url.partition("://")[0]], type(error).__name__
        if isinstance(error, FileNotFoundError):
            return "make the bucket, or choose another"
        if "Credential" in name or "Profile" in name or "Token" in name:
            return f"give credentials: {kind.credentials}"
        if isinstance(error, PermissionError):
            return f"check {kind.credentials}, and what these may do in the bucket"
        lost = isinstance(error, ConnectionError | TimeoutError) or "Connect" in name
        if lost or "endpoint" in str(error):
            return f"check {kind.endpoint}"
        return "then run the same command again: it continues"


@contextmanager
def aside(url: str) -> Iterator[str]:
    """Yields an URL under another for what is thrown away in the end; a kill leaves it there."""
    place = Remote(f"{url}/{FOLDER}/{uuid4().hex}")
    try:
        yield place.url
    finally:
        try:
            place.discard()
        except SimgenError as error:  # some stores let nothing be removed
            log.warning("%s", error)


@contextmanager
def _missing(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unreadable(path, f"it is missing ({error})") from error
    except OSError as error:
        if type(error).__name__ != "FileExpired":  # s3fs's
            raise
        raise Replaced(path, "it was replaced while it was read") from error


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the same bytes in parts of at least `_PART`, and a last one."""
    part = bytearray()
    for chunk in chunks:
        part += chunk
        if len(part) >= _PART:
            yield bytes(part)
            part.clear()
    yield bytes(part)
