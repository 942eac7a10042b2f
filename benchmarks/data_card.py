"""What the mark in a picture and the data card cost: CPU milliseconds a frame of a dataset.

python benchmarks/data_card.py out/warehouse-0
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from simgen.card import digest_of
from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset
from simgen.mark import marked

REPEATS = 200


def main(folder: str) -> None:
    """Prints both figures."""
    dataset = Dataset.load(folder)
    picture = next((dataset.folder / "images").iterdir()).read_bytes()
    start = process_time()
    for number in range(REPEATS):
        marked(picture, number, digest_of(dataset.card))
    print(f"mark: {(process_time() - start) / REPEATS * 1000:.2f} CPU-ms a frame")
    with TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        start = process_time()
        write_data_card(Dataset.load(Path(copy)))
        spent = process_time() - start
    print(f"data card: {spent / len(dataset.done()) * 1000:.2f} CPU-ms a frame")


if __name__ == "__main__":
    main(sys.argv[1])
