"""The parts of an evaluation, one after the other; the report is there after each of them."""

import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch

from simgen.build import build
from simgen.checks import require
from simgen.distributions import written
from simgen.errors import SimgenError, one_of
from simgen.evaluate.distances import measure as distances
from simgen.evaluate.gap import measure as gap
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.report import write
from simgen.evaluate.results import FILE
from simgen.machine import cores, versions
from simgen.scratch import replace_file

log = logging.getLogger(__name__)
PARTS = ("distances", "gap", "transfer")


def evaluate(config: Mapping[str, Any], arguments: Sequence[str]) -> Path:
    """Carries out what a composed config asks for and returns the report's path.

    Args:
        arguments: the command line's, which the report repeats.

    Raises:
        SimgenError: a setting is wrong, a folder cannot be used, or a picture not be read.
    """
    parts = _parts(config["parts"])
    require(0, whole=True, fixed=True, seed=config["seed"])
    synthetic, real = (_opened(config, side) for side in ("synthetic", "real"))
    out = _out(config["out"], synthetic)
    todo = {name: _PARTS[name](config, synthetic, real, out) for name in parts}
    metrics = {
        "command": shlex.join(["python", "-m", "simgen.evaluate", *arguments]),
        "versions": versions() | {"torch": str(torch.__version__)},
        "machine": f"{cores()} cores, {torch.backends.cpu.get_cpu_capability()}",
        "synthetic": _side(synthetic),
        "real": _side(real),
    }
    for name, work in todo.items():
        log.info("%s ...", name)
        metrics |= work()
        replace_file(out, FILE, [msgspec.json.format(msgspec.json.encode(metrics))])
        write(out)
        log.info("%s done: %s", name, out / "report.html")
    return out / "report.html"


def _parts(names: Any) -> tuple[str, ...]:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise SimgenError(f"parts={written(names)} must be a list, such as [distances, gap]")
    for name in names:
        one_of("parts", name, PARTS)
    return tuple(name for name in PARTS if name in names)


def _opened(config: Mapping[str, Any], side: str) -> Pictures:
    folder, annotations = config[side], config[f"{side}_annotations"]
    if not isinstance(folder, str | int | float):
        raise SimgenError(
            f"{side}= is missing: name a folder, as in "
            f"python -m simgen.evaluate synthetic=out/tabletop-0 real=photos"
        )
    if not isinstance(annotations, str | None):
        raise SimgenError(f"{side}_annotations={written(annotations)} must be the name of a file")
    return Pictures.open(str(folder), annotations or "")


def _out(out: Any, synthetic: Pictures) -> Path:
    if out is None:
        root = synthetic.root.resolve()
        return root.with_name(f"{root.name}-evaluation")
    return Path(str(out)).expanduser()


def _distances(config, synthetic: Pictures, real: Pictures, out: Path) -> Callable[[], dict]:
    backbone = build(config["backbone"], "backbone")

    def work() -> dict[str, Any]:
        figures, copies = distances(synthetic, real, backbone, config["seed"])
        return {"distances": figures, "copies": copies}

    return work


def _gap(config, synthetic: Pictures, real: Pictures, out: Path) -> Callable[[], dict]:
    return lambda: {"gap": gap(synthetic, real, seed=config["seed"])}


def _transfer(config, synthetic: Pictures, real: Pictures, out: Path) -> Callable[[], dict]:
    from simgen.evaluate.transfer import Transfer

    transfer: Transfer = build(config["transfer"], "transfer")
    unlabelled = [each.root for each in (synthetic, real) if not each.labelled]
    if unlabelled:
        log.info("transfer is left out: %s has no labels", unlabelled[0])
        return lambda: {}
    return lambda: {"transfer": transfer.measure(synthetic, real, out)}


_PARTS = {"distances": _distances, "gap": _gap, "transfer": _transfer}


def _side(pictures: Pictures) -> dict[str, Any]:
    return {
        "folder": str(pictures.root),
        "annotations": pictures.annotations,
        "name": pictures.name,
        "pictures": len(pictures),
        "boxes": sum(len(picture.boxes) for picture in pictures.pictures),
        "digest": pictures.digest,
    }
