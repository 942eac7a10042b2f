"""Which of a stranger's files are annotations, and where its images are."""

from pathlib import Path, PurePosixPath

from simgen.audit.coco_file import CocoFile
from simgen.audit.reading import Unreadable, locate
from simgen.errors import SimgenError

_LOOKED_AT = 50  # images, to find out where they are


def annotation_files(root: Path, besides: tuple[str, ...]) -> list[str]:
    """Returns what may be the COCO file of a folder: of several, those called instances...

    Args:
        besides: names of files that are none.
    """
    found = sorted(
        path.relative_to(root).as_posix()
        for pattern in ("*.json", "annotations/*.json")
        for path in root.glob(pattern)
        if path.name not in besides
    )
    likely = [name for name in found if name.rpartition("/")[2].startswith("instances")]
    return likely or found


def annotation_file(root: Path, besides: tuple[str, ...]) -> str:
    """Returns the one COCO file of a folder.

    Args:
        besides: names of files that are none.

    Raises:
        SimgenError: there is none, or more than one that it may be.
    """
    found = annotation_files(root, besides)
    if len(found) == 1:
        return found[0]
    if not found:
        raise SimgenError(
            f"{root} holds neither a dataset of simgen's nor a COCO file (*.json, "
            f"annotations/*.json): name one with --annotations"
        )
    raise SimgenError(f"{root} holds {len(found)} files of annotations ({', '.join(found[:4])}): "
                      f"name one with --annotations")  # fmt: skip


def image_folder(root: Path, file: str, coco: CocoFile) -> str:
    """Returns the folder in which most of the first images are."""
    home = PurePosixPath(file).parent
    split = PurePosixPath(file).stem.rpartition("_")[2]
    bases = dict.fromkeys(
        base.as_posix()
        for base in (home / "images", home, PurePosixPath("images"), PurePosixPath("."),
                     PurePosixPath(split), PurePosixPath("images", split))
    )  # fmt: skip
    names = [str(entry.get("file_name")) for entry in coco.images[:_LOOKED_AT]]
    return max(bases, key=lambda base: sum(_exists(root, f"{base}/{name}") for name in names))


def _exists(root: Path, relative: str) -> bool:
    try:
        return locate(root, relative).is_file()
    except (Unreadable, OSError):
        return False
