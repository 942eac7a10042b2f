"""The files of a dataset: those that its records name, whole and unchanged, and no others."""

from collections import Counter
from collections.abc import Iterator

from simgen.audit.finding import WARNING, Case, check, fine, wrong
from simgen.audit.folder import OWN_FILE, Folder
from simgen.audit.frame import Frame
from simgen.audit.reading import Unreadable


@check("record")
def files(frame: Frame) -> Iterator[Case]:
    """Each file that a record names is there, with the SHA-256 that it had when it was written."""
    for path, expected in frame.record.files.items():
        try:
            found = frame.layers.digest(path)
        except Unreadable as error:
            yield wrong(error.reason, file=path, expected=expected)
            continue
        if found == expected:
            yield fine(1)
        else:
            text = "not the bytes that were written"
            yield wrong(text, file=path, expected=expected, found=found)


def _same_layers(notes: list[tuple[int, frozenset[str]]]) -> Iterator[Case]:
    usual = Counter(layer for _, layers in notes for layer in layers)
    for number, layers in notes:
        most = (name for name, count in usual.items() if 2 * count > len(notes))
        missing = sorted(set(most) - layers)
        if missing:
            text = f"the record names no file in {', '.join(missing)}, as most others do"
            yield wrong(text, frame=number, file=f"records/{number:06d}.json", expected=missing)
        else:
            yield fine(1)


@check("record", conclude=_same_layers)
def layers(frame: Frame) -> frozenset[str]:
    """Each frame has the kinds of files that the others have."""
    optional = {"amodal"} if not frame.record.labels else set()
    found = {path.split("/", 1)[0] for path in frame.record.files}
    return frozenset(found | optional)


@check("card", whole=True)
def frames(folder: Folder) -> Iterator[Case]:
    """Each image in the dataset belongs to a record."""
    known = {f"{number:06d}" for number in folder.numbers}
    for path in sorted(folder.listed("images")):
        if path.removeprefix("images/").partition(".")[0] in known:
            yield fine(1)
        else:
            text = "no record has this image: its frame was never finished, or its record is gone"
            yield wrong(text, file=path, severity=WARNING)


@check("card", whole=True)
def annotation_file(folder: Folder) -> Iterator[Case]:
    """The annotation file is there if the dataset's config asks for one."""
    if not folder.source.settings["writes_coco"]:
        return
    if (folder.source.root / OWN_FILE).exists():
        yield fine(1)
    else:
        text = "it is missing, and the config has the writer coco: the run never ended, or it is "
        yield wrong(f"{text}lost", file=OWN_FILE, severity=WARNING)


@check("annotations", file="annotations", whole=True)
def orphans(folder: Folder) -> Iterator[Case]:
    """Each image file beside those that the annotation file names is one of them."""
    if folder.source.card:
        return
    base = folder.source.images
    named = {str(entry.get("file_name")) for entry in folder.coco.images}
    there = {path.removeprefix(f"{base}/") for path in folder.listed(base)}
    pictures = {name for name in there if name.lower().endswith(_PICTURES)}
    yield fine(len(pictures & named))
    for name in sorted(pictures - named):
        text = "the annotation file does not name this image"
        yield wrong(text, file=f"{base}/{name}".removeprefix("./"), severity=WARNING)


_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
