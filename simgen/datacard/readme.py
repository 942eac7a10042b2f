"""README.md of a dataset, for whoever receives it and knows nothing of simgen."""

import re
from collections.abc import Collection, Iterable, Iterator

from simgen.card import Card, digest_of
from simgen.datacard.facts import Facts
from simgen.datacard.words import (
    LIMITS,
    MISUSES,
    PERSONAL,
    PROTOCOL,
    USES,
    convention,
    licences,
    title,
    tools,
)
from simgen.dataset import CARD, CROISSANT
from simgen.writers.coco import FILE as COCO

MARK = "<!-- simgen writes this file anew when frames are added, but not if this line is gone. -->"
_GENERAL = ("boxes", "labels", "pixels", "units", "camera_axes", "world_axes", "rotations", "lens")
_LOADED = """from pycocotools.coco import COCO

coco = COCO("annotations/instances.json")
image = coco.loadImgs(coco.getImgIds())[0]  # its file is images/ + image["file_name"]
labels = coco.loadAnns(coco.getAnnIds(image["id"]))
boxes, masks = [a["bbox"] for a in labels], [coco.annToMask(a) for a in labels]"""
_AGAIN = """python -m simgen --config-path "$PWD/config" --config-name config \\
    hydra.run.dir=. hydra.output_subdir=null out=../again"""


def readme(facts: Facts, common: Collection[str]) -> bytes:
    """Returns the file's bytes, which depend on the frames and the card alone.

    Args:
        common: paths of the files that are one for all frames.
    """
    parts = (
        [MARK, f"# {escape(title(facts.card))}"],
        _warning(facts.card),
        _about(facts),
        _loading(common),
        _contents(facts, common),
        _conventions(facts.card),
        _use(facts),
        _licences(facts.card),
        _reproduction(facts.card),
    )
    return ("\n\n".join(block for part in parts for block in part) + "\n").encode()


def _warning(card: Card) -> Iterator[str]:
    bad = [each for each in licences(card) if each.flag]
    if bad:
        listed = "\n".join(f"> - {escape(each.said)}: {escape(each.names())}" for each in bad)
        yield f"> **Look at these licences before you use or share the images:**\n>\n{listed}"


def _about(facts: Facts) -> Iterator[str]:
    sizes = ", ".join(f"{w}x{h}" for w, h in sorted(facts.sizes))
    yield (
        f"Synthetic images with exact labels, rendered by {escape(tools(facts.card))}, not "
        f"photographed. {facts.frames} images ({sizes} pixels), "
        f"{facts.instances.total()} labelled objects, {facts.empty} images without one."
        f"{_views(facts)}"
    )
    if re.fullmatch(r"[\w./-]+", facts.first):
        yield f"![The first image]({facts.first})"
    yield _table(
        ("category", "id", "objects"),
        ((c.name, c.id, facts.instances[c.name]) for c in facts.card.categories),
    )


def _views(facts: Facts) -> str:
    views = facts.card.views
    if views == 1:
        return ""
    return (
        f" They show {facts.scenes} scenes, {views} views of each where all are there: images of "
        f"one number // {views} belong together, in one split."
    )


def _loading(common: Collection[str]) -> Iterator[str]:
    yield "## Load it"
    if COCO in common:
        yield f"```python\n{_LOADED}\n```"
    yield (
        f"`{CROISSANT}` is for Croissant loaders: "
        f'`mlcroissant.Dataset("{CROISSANT}").records("images")`. `python -m simgen.export` turns '
        f"the folder into other formats."
    )


def _contents(facts: Facts, common: Collection[str]) -> Iterator[str]:
    yield "## What is in the folder"
    folders = sorted({folder for folder, _ in facts.files})
    rows = [(f"{folder}/", convention(facts.card, folder)) for folder in folders]
    yield _table(
        ("where", "what"),
        [
            *rows,
            ("records/", "each frame's scene, labels and timings, and its other files' SHA-256"),
            *((path, _COMMON.get(path, "of all frames")) for path in common),
        ],
    )


_COMMON = {
    COCO: "COCO: boxes, masks as RLE, areas and more",
    "annotations/panoptic.json": "COCO panoptic, with panoptic/",
    "annotations/images.jsonl": "a line for each image, with its boxes and categories",
    CARD: "the card: versions, seed, config, conventions, licences",
}


def _conventions(card: Card) -> Iterator[str]:
    yield "## Conventions"
    rows = ((name, card.conventions[name]) for name in _GENERAL if name in card.conventions)
    yield _table(("", ""), rows)
    yield f"The others are in `{CARD}`, under `conventions`."


def _use(facts: Facts) -> Iterator[str]:
    yield "## Use and limits"
    yield f"{PROTOCOL} They agree on {facts.agreement:.3%} of the pixels of the worst frame here."
    if facts.marked:
        yield "Each image says in its metadata (XMP) that it is synthetic, and which frame it is."
    yield "Made for:\n\n" + _list(USES)
    yield "Not made for:\n\n" + _list(MISUSES)
    yield "Known limits:\n\n" + _list(LIMITS)
    yield f"Personal data: {PERSONAL}"


def _licences(card: Card) -> Iterator[str]:
    yield "## Licences of what the images may show"
    yield _table(("licence", "assets"), ((each.said, each.names()) for each in licences(card)))
    yield (
        f"All of them, with their sources, are in `{CARD}`. The licence of the images themselves "
        "is for their maker to choose."
    )


def _reproduction(card: Card) -> Iterator[str]:
    yield "## Make it again"
    yield f"```sh\n{_AGAIN}\n```"
    yield (
        f"with {escape(tools(card))}, in this folder; add `frames=` for more or fewer. The same "
        "config makes the same frames, where the user's files that it names are there. A config "
        "names the code that it runs: do this only with a folder that you trust. "
        f"SHA-256 of the recipe: `{digest_of(card)}`."
    )


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(escape(str(v)) for v in row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def escape(text: str) -> str:
    """Returns text that Markdown shows as it is: names come from users' files."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"[\\`*\[\]<>|#&~!]|(?<!\w)_|_(?!\w)", r"\\\g<0>", plain)
