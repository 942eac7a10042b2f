import cv2
import numpy as np
import pytest

from simgen.evaluate.album import Album, canvas, decoded
from simgen.evaluate.pictures import Pictures


def folder(path, shapes):
    """Makes pictures of these heights and widths, each brighter to the right."""
    path.mkdir()
    for i, (height, width) in enumerate(shapes):
        ramp = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
        cv2.imwrite(str(path / f"{i:03}.png"), np.stack([ramp] * 3, -1))
    return Pictures.open(path)


@pytest.mark.parametrize(
    "shapes, expected",
    [
        ([(400, 300)] * 5, (320, 256)),
        ([(300, 400)] * 5, (256, 320)),
        ([(30, 30)] * 2, (320, 320)),
        ([(400, 300)] * 9 + [(300, 400)], (320, 256)),  # the odd one is shown smaller
        ([(400, 300)] * 5 + [(300, 400)] * 5, (320, 320)),
        ([(1000, 10)] * 3, (320, 32)),
        ([(320, 192)] * 200, (320, 192)),
    ],
)
def test_a_canvas_holds_most_pictures_and_little_else(tmp_path, shapes, expected):
    assert canvas(folder(tmp_path / "a", shapes), 320) == expected


def test_what_is_kept_is_no_larger_than_asked_for_and_knows_the_files_size(tmp_path):
    pictures = folder(tmp_path / "a", [(300, 400), (30, 40)]).pictures
    large, small = map(Album(100).read, pictures)
    assert large.pixels.shape == (75, 100, 3) and large.shape == (300, 400)
    assert large.from_file == (0.25, 0.25)
    np.testing.assert_array_equal(small.pixels, pictures[1].read())
    assert small.from_file == (1.0, 1.0)


def test_averaging_keeps_the_mean(tmp_path):
    image = decoded(folder(tmp_path / "a", [(120, 200)]).pictures[0])
    assert image.shrunk(0.25).pixels.mean() == pytest.approx(image.pixels.mean(), abs=0.5)
    assert image.shrunk(1.0) is image and image.shrunk(0.25).shrunk(0.5).pixels.shape[0] == 30


def test_a_picture_is_read_once_while_there_is_room(tmp_path):
    pictures = folder(tmp_path / "a", [(30, 40), (30, 40)]).pictures
    album = Album(40, room=30 * 40 * 3)
    first, second = map(album.read, pictures)
    for picture in pictures:
        (picture.root / picture.name).unlink()
    assert album.read(pictures[0]) is first
    with pytest.raises(Exception, match="001.png"):
        album.read(pictures[1])
    assert second.shape == (30, 40)
