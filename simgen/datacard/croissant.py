"""croissant.json: the dataset in Croissant's JSON-LD, which loaders and search engines read.

Croissant 1.0 and its RAI (responsible AI) vocabulary: https://docs.mlcommons.org/croissant. A
dataset that is published gets its url, datePublished, citeAs and version from who publishes it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from simgen.card import digest_of
from simgen.datacard.facts import IMAGES, Facts
from simgen.datacard.words import (
    LIMITS,
    MISUSES,
    PERSONAL,
    PROTOCOL,
    USES,
    Licence,
    convention,
    licences,
    title,
    tools,
)
from simgen.mark import SOURCE_TYPE

_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject",
    "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}
_FORMATS = {
    ".jpg": "image/jpeg", ".png": "image/png", ".tiff": "image/tiff", ".exr": "image/x-exr",
    ".json": "application/json", ".jsonl": "application/jsonlines",
}  # fmt: skip
_FIELDS = (
    ("frame", "sc:Integer", False, "the frame's number, which names its files"),
    ("width", "sc:Integer", False, "pixels"),
    ("height", "sc:Integer", False, "pixels"),
    ("boxes", "cr:BoundingBox", True, "x, y, width, height in pixels, one for each object"),
    ("categories", "sc:Text", True, "of each box"),
    ("instances", "sc:Integer", True, "of each box: the object's value in instance/"),
    ("visible_fractions", "sc:Float", True, "of each box: visible share of the whole silhouette"),
)


def croissant(facts: Facts, common: Mapping[str, tuple[int, str]]) -> bytes:
    """Returns the file's bytes, which depend on the frames and the card alone.

    Args:
        common: size in bytes and SHA-256 of the files that are one for all frames, by path.
    """
    card = facts.card
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.0",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": title(card),
        "description": _description(facts),
        "keywords": ["synthetic data", "object detection", *facts.instances],
        "creator": {"@type": "sc:Organization", "name": f"made by {tools(card)}"},
        "license": [_licence(each) for each in licences(card)],
        "identifier": digest_of(card),
        "digitalSourceType": SOURCE_TYPE,
        **_responsible(facts),
        "distribution": [*_files(common), *_file_sets(facts)],
        "recordSet": [_labels(), *([_images()] if facts.frames else [])],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _description(facts: Facts) -> str:
    card = facts.card
    objects = ", ".join(f"{n} {name}" for name, n in facts.instances.items())
    sizes = ", ".join(f"{w}x{h}" for w, h in sorted(facts.sizes))
    bad = "; ".join(f"{each.said}: {each.names()}" for each in licences(card) if each.flag)
    warning = f"Licences to look at first: {bad}. " if bad else ""
    return (
        f"{warning}Synthetic images with exact labels, made by {tools(card)} with seed "
        f"{card.seed}; the whole config and every convention are in dataset.json, digest "
        f"{digest_of(card)}. {facts.frames} images of {facts.scenes} scenes ({sizes}), "
        f"{facts.empty} of them without a "
        f"labelled object; objects: {objects}. The licences listed here are those of what the "
        f"images may show; the licence of the images is for their maker to choose."
    )


def _licence(licence: Licence) -> dict[str, str]:
    return {"@type": "sc:CreativeWork", "name": licence.said, "description": licence.names()}


def _responsible(facts: Facts) -> dict[str, Any]:
    return {
        "rai:dataCollection": f"Rendered, not collected, by {tools(facts.card)}.",
        "rai:dataCollectionType": ["Software Collection"],
        "rai:dataAnnotationProtocol": [PROTOCOL],
        "rai:machineAnnotationTools": [tools(facts.card)],
        "rai:dataAnnotationAnalysis": [
            f"Labels and renderer agree on {facts.agreement:.3%} of the pixels of the worst frame."
        ],
        "rai:dataUseCases": [*(f"For {use}." for use in USES), *(f"Not {no}." for no in MISUSES)],
        "rai:dataLimitations": list(LIMITS),
        "rai:dataBiases": ["What occurs, how often and where is set by the config (dataset.json)."],
        "rai:personalSensitiveInformation": [PERSONAL],
    }


def _files(common: Mapping[str, tuple[int, str]]) -> Iterable[dict[str, str]]:
    for path, (size, digest) in common.items():
        yield {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "contentUrl": path,
            "contentSize": f"{size} B",
            "encodingFormat": _format(path),
            "sha256": digest,
        }


def _file_sets(facts: Facts) -> Iterable[dict[str, str]]:
    for (folder, suffix), count in sorted([*facts.files.items(), (("records", ".json"), 0)]):
        said = _RECORDS if folder == "records" else convention(facts.card, folder)
        yield {
            "@type": "cr:FileSet",
            "@id": f"{folder}-files",
            "name": f"{folder}-files",
            "description": f"{count or facts.frames} files; {said}",
            "encodingFormat": _format(suffix),
            "includes": f"{folder}/*{suffix}",
        }


_RECORDS = "each frame's scene and labels; its record has the SHA-256 of each of its other files"


def _format(path: str) -> str:
    return _FORMATS.get(path[path.rindex(".") :], "application/octet-stream")


def _labels() -> dict[str, Any]:
    fields = [_field("labels", "file_name", "sc:Text", False, "of the image, in images/")]
    fields += [_field("labels", *each) for each in _FIELDS]
    text = "every image and its objects, without the pixels"
    return _record_set("labels", text, fields)


def _images() -> dict[str, Any]:
    name = _field("images", "file_name", "sc:Text", False, "of the image, in images/")
    name["references"] = _of_image("filename")
    pixels = {
        "@type": "cr:Field",
        "@id": "images/image",
        "name": "image",
        "description": "8-bit sRGB",
        "dataType": "sc:ImageObject",
        "source": _of_image("content"),
    }
    fields = [name, pixels, *(_field("images", *each) for each in _FIELDS)]
    text = "every image with its objects; mlcroissant reads all images before the first record"
    return _record_set("images", text, fields)


def _of_image(what: str) -> dict[str, Any]:
    return {"fileSet": {"@id": "images-files"}, "extract": {"fileProperty": what}}


def _record_set(name: str, text: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": text,
        "key": {"@id": f"{name}/frame"},
        "field": fields,
    }


def _field(record_set: str, name: str, kind: str, repeated: bool, text: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "description": text,
        "dataType": kind,
        **({"repeated": True} if repeated else {}),
        "source": {"fileObject": {"@id": IMAGES}, "extract": {"column": name}},
    }
