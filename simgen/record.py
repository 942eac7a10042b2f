"""All that is known of a finished frame, as one line of JSON."""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from simgen.codec import WireSpec, decode, encode, from_wire, to_wire
from simgen.frame import Agreement, Instance
from simgen.spec import SceneSpec


@dataclass(frozen=True)
class Run:
    """What differs each time a frame is made: `seconds` by stage, peak memory, versions."""

    device: str
    seconds: dict[str, float]
    peak_memory_mb: float
    versions: dict[str, str]


@dataclass(frozen=True)
class Record:
    """All that is known of a finished frame; all but `run` depends on recipe and number alone.

    Attributes:
        files: SHA-256 by path inside the dataset folder.
        views: of each further view that was rendered, how far the two engines agree on it.
    """

    frame: int
    spec: SceneSpec
    labels: tuple[Instance, ...]
    agreement: Agreement
    files: dict[str, str]
    run: Run
    views: dict[str, Agreement] = field(default_factory=dict)


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    frame: Annotated[int, msgspec.Meta(ge=0)]
    agreement: Agreement
    views: dict[str, Agreement]
    labels: tuple[Instance, ...]
    spec: WireSpec
    files: dict[str, str]
    run: Run


_decoder = msgspec.json.Decoder(_Wire)


def encode_record(record: Record) -> bytes:
    """Returns the record as one line of JSON; raises as `encode_spec` does."""
    return encode(record, _wire, decode_record)


def decode_record(data: bytes, where: str) -> Record:
    """Returns the record; raises as `decode_spec` does."""
    return decode(_decoder, data, where, _record)


def _wire(record: Record) -> _Wire:
    return _Wire(
        frame=record.frame,
        agreement=record.agreement,
        views=record.views,
        labels=record.labels,
        spec=to_wire(record.spec),
        files=dict(sorted(record.files.items())),
        run=record.run,
    )


def _record(wire: _Wire) -> Record:
    return Record(
        frame=wire.frame,
        spec=from_wire(wire.spec),
        labels=wire.labels,
        agreement=wire.agreement,
        files=wire.files,
        run=wire.run,
        views=wire.views,
    )
