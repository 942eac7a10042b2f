"""What rendered playing cards teach a detector that is tried on photos: the whole table.

python benchmarks/cards.py card_art photos out/cards
python benchmarks/cards.py card_art photos out/cards transfer.table.seeds=[0,1]

card_art holds faces such as QH.png and 10S.png; photos is a folder with an instances.json (COCO)
of the categories nine, ten, jack, queen, king and ace. Renders 600 frames, then trains and tries. A
run that was stopped goes on where it was; further arguments go to `python -m simgen.evaluate`.
Needs simgen[evaluate].
"""

import json
import subprocess
import sys
from pathlib import Path

import card_faces

from simgen.evaluate.pictures import Pictures
from simgen.evaluate.table import Table, parted

SCENE = (
    "scene=tabletop",
    "scene.support=[choice,table,table,desk,rug,rug,floor]",
    "randomize.beside.props=[pen,sheet,cable,printed,printed,printed,printed,book,mug,bowl,tin]",
    "randomize.beside.count=[integer,0,6]",
    "sensor=phone",
    "resolution=[288,384]",
    "quality.samples=8",
    "quality.max_bounces=3",
    "targets.proposals=2",
    "frames=600",
    "workers=2",
)
EVALUATE = (
    "transfer.augmentation.flip=0",
    "transfer.table.synthetic_test_share=0.1",
    "transfer.table.seeds=[0]",
    "transfer.schedule.steps=2000",  # nines and tens are told apart last
)
TEST_SHARE = "transfer.table.test_share="


def main(art: Path, photos: Path, out: Path, *overrides: str) -> None:
    """Renders the dataset and evaluates it; the report is in out/evaluation."""
    if not (photos / "instances.json").is_file():
        sys.exit(f"cards: {photos} holds no instances.json; name the folder of photos and labels")
    card_faces.write(art, out / "faces")
    training = out / "training_photos.json"
    training.write_text(json.dumps(_training_part(photos, _test_share(overrides))))
    ours = [f"objects={out / 'faces'}", f"targets.match={training}", f"out={out / 'synthetic'}"]
    _run("simgen", *SCENE, *ours)
    sides = [f"synthetic={out / 'synthetic'}", f"real={photos}", f"out={out / 'evaluation'}"]
    _run("simgen.evaluate", *sides, *EVALUATE, *overrides)


def _test_share(overrides: tuple[str, ...]) -> float:
    asked = [word.partition("=")[2] for word in overrides if word.startswith(TEST_SHARE)]
    return float(asked[-1]) if asked else Table().test_share


def _training_part(photos: Path, test_share: float) -> dict:
    """Returns the COCO file of the photos that the table trains on, so that the scene is fitted to
    none that it tests on."""
    training, _ = parted(Pictures.open(photos), test_share)
    names = {Path(picture.name).name for picture in training.pictures}
    coco = json.loads((photos / "instances.json").read_text())
    images = [image for image in coco["images"] if Path(image["file_name"]).name in names]
    kept = {image["id"] for image in images}
    annotations = [a for a in coco["annotations"] if a["image_id"] in kept]
    return {**coco, "images": images, "annotations": annotations}


def _run(module: str, *arguments: str) -> None:
    """Runs a command of simgen's, which says itself what was wrong."""
    if code := subprocess.run([sys.executable, "-m", module, *arguments]).returncode:
        sys.exit(code)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:4]), *sys.argv[4:])
