"""The help of `python -m simgen.export`: every format and option, read from conf/."""

from importlib.resources import files

_HEAD = """\
python -m simgen.export DATASET format=FORMAT [key=value ...]: a dataset for trainers and tools.

  python -m simgen.export out/warehouse-0 format=yolo            detect; beside it, warehouse-0-yolo
  python -m simgen.export out/warehouse-0 format=yolo format.task=segment out=data/segment
  python -m simgen.export out/warehouse-0 format=coco split=0.9,0.1
  python -m simgen.export out/warehouse-0 format=voc split=1 min_visible_fraction=0.2

The pictures are hard links: they cost no space, and whoever writes into one writes into the
dataset's too (image=copy if something will). Run the same command again to continue after an
interruption, or after the dataset has grown: no frame changes its split. What a format cannot
express is counted and told. export.json says how it was made, LICENCES.txt whose things it shows.
"""
_TAIL = """\
Flags: --jobs N is jobs=N; --config-dir DIR adds your own formats, in DIR/format/, to these.
A format is one module and one YAML file: see CONTRIBUTING.md."""


def help_text() -> str:
    """Returns the help."""
    conf = files("simgen.conf")
    own = [line for line in _lines(conf / "export.yaml") if line[:1] not in ("", " ", "d")]
    formats = sorted((conf / "format").iterdir(), key=lambda path: path.name)
    parts = [
        _HEAD,
        "Settings, with their defaults:",
        *(f"  {line}" for line in own),
        "",
        "Formats:",
    ]
    for path in formats:
        if path.name.endswith(".yaml"):
            parts += _format(path.name.removesuffix(".yaml"), _lines(path))
    return "\n".join([*parts, "", _TAIL])


def _format(name: str, lines: list[str]) -> list[str]:
    """Returns what a format's file says: its first line, a comment, and the options."""
    about = lines[0].removeprefix("# ") if lines[0].startswith("#") else ""
    options = [line for line in lines if line[:1].isalpha()]
    return [f"  format={name}".ljust(24) + about, *(f"    format.{line}" for line in options)]


def _lines(path) -> list[str]:
    return path.read_text("utf-8").splitlines()
