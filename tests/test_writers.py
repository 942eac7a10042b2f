from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
import OpenEXR
import pytest

from simgen.distributions import Integer
from simgen.errors import SimgenError
from simgen.evaluate.jpeg import quality
from simgen.writers.coco import Coco
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from simgen.writers.instance import Instance
from simgen.writers.semantic import Semantic
from tests import rectangles

FRAME = rectangles.make(rectangles.Rectangles(), 42)
TRUTH = FRAME.truth


def only(writer, frame=FRAME, categories=rectangles.CATEGORIES) -> tuple[str, bytes]:
    (item,) = writer.files(frame, categories).items()
    return item


def pixels(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def exr(data: bytes) -> np.ndarray:
    channels = OpenEXR.File(BytesIO(data)).channels()
    assert list(channels) == ["Z"]
    return channels["Z"].pixels


def with_depth(depth) -> object:
    return replace(FRAME, truth=replace(TRUTH, depth=np.float32(depth)))


def test_png_image_is_exact_and_rgb():
    name, data = only(Images("png"))
    assert name == "images/000042.png"
    assert (pixels(data)[:, :, ::-1] == FRAME.image).all()


def test_jpeg_is_near_and_smaller_with_less_quality():
    name, good = only(Images())
    poor = only(Images(quality=30))[1]
    assert name == "images/000042.jpg"
    assert len(poor) < len(good)
    flat = replace(FRAME, image=np.full_like(FRAME.image, (200, 100, 50)))
    assert np.abs(pixels(only(Images(), flat)[1]).astype(int) - (50, 100, 200)).max() <= 2


def test_jpeg_quality_is_drawn_for_each_frame_by_seed_and_number():
    def qualities(seed):
        writer = Images(quality=Integer(40, 90), seed=seed)
        frames = (replace(FRAME, index=index) for index in range(12))
        return [quality(only(writer, frame)[1]) for frame in frames]

    assert qualities(3) == qualities(3) != qualities(4)
    assert len(set(qualities(3))) > 6 and all(40 <= each <= 90 for each in qualities(3))


def test_float_depth_keeps_every_bit():
    assert np.isinf(TRUTH.depth).any()
    name, data = only(Depth())
    assert name == "depth/000042.exr"
    z = exr(data)
    assert z.dtype == np.float32
    assert z.tobytes() == TRUTH.depth.tobytes()


def test_half_depth_is_within_its_promise():
    z = exr(only(Depth(precision="half"), with_depth([[1.0, 3.14159, 64.3, 70000.0, np.inf]]))[1])
    assert z.dtype == np.float16
    assert np.allclose(z[0, :3], [1.0, 3.14159, 64.3], rtol=1 / 2000)
    assert np.isinf(z[0, 3:]).all()


def test_png_depth_in_millimetres():
    depth = [[0.0002, 1.0004, 1.0006, 65.535, 65.5356, 100.0, np.inf, 0.0, -1.0]]
    name, data = only(Depth("png"), with_depth(depth))
    assert name == "depth/000042.png"
    assert pixels(data).dtype == np.uint16
    assert pixels(data).tolist() == [[1, 1000, 1001, 65535, 0, 0, 0, 0, 0]]


def test_instance_map_is_exact_up_to_16_bits():
    instance = TRUTH.instance.copy()
    instance[0, 0] = 65535
    frame = replace(FRAME, truth=replace(TRUTH, instance=instance))
    name, data = only(Instance(), frame)
    assert name == "instance/000042.png"
    assert pixels(data).dtype == np.uint16
    assert (pixels(data) == instance).all()


def test_semantic_map_is_the_category_of_each_body():
    name, data = only(Semantic())
    assert name == "semantic/000042.png"
    seen = pixels(data)
    assert seen.dtype == np.uint8
    for i in np.unique(TRUTH.instance):
        category = FRAME.spec.bodies[i - 1].category if i else ""
        expected = rectangles.CATEGORIES.index(category) + 1 if category else 0
        assert (seen[TRUTH.instance == i] == expected).all()
    assert 0 in seen and seen.max() > 0


def test_semantic_map_of_many_categories_is_16_bit():
    many = (*(f"c{i}" for i in range(300)), *rectangles.CATEGORIES)
    seen = pixels(only(Semantic(), categories=many)[1])
    assert seen.dtype == np.uint16
    assert set(np.unique(seen)) <= {0, 301, 302, 303}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Images("jpeg"), "format='jpeg' is not known; did you mean 'jpg'?"),
        (lambda: Images(None), "format=None is not known"),
        (lambda: Images(quality=0), "quality=0 must be at least 1"),
        (lambda: Depth("exrr"), "format='exrr' is not known; did you mean 'exr'?"),
        (lambda: Depth(precision="double"), "precision='double' is not known"),
        (lambda: Coco(min_visible_px=0), "min_visible_px=0 must be at least 1"),
        (lambda: Coco(min_visible_fraction=1.1), "min_visible_fraction=1.1 must be at most 1"),
    ],
)
def test_a_wrong_setting_is_named(make, said):
    with pytest.raises(SimgenError) as error:
        make()
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("writer", [Images(), Images("png"), Depth(), Depth("png"), Semantic()])
def test_the_same_frame_gives_the_same_bytes(writer):
    assert only(writer) == only(writer)
