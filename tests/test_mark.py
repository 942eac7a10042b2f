from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from PIL import Image

from simgen.audit.formats import header_size
from simgen.card import Card, decode_card, digest_of, encode_card, make_card
from simgen.dataset import Dataset
from simgen.frame import View
from simgen.mark import NAMESPACE, SOURCE_TYPE, marked
from simgen.spec import SceneSpec
from simgen.writers.images import Images
from tests import rectangles

RECIPE = rectangles.Rectangles()
DIGEST = "ab" * 32
PIXELS = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)


def properties(path_or_data) -> dict[str, str]:
    """Returns what Pillow reads of XMP, by name."""
    with Image.open(path_or_data) as image:
        image.load()
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    packet = packet if isinstance(packet, bytes) else packet.encode()
    (description,) = ElementTree.fromstring(packet).iter(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
    )
    return description.attrib


def encoded(suffix: str) -> bytes:
    return cv2.imencode(suffix, PIXELS)[1].tobytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_mark_is_read_back_and_touches_no_pixel(suffix):
    plain = encoded(suffix)
    data = marked(plain, 42, DIGEST)
    found = properties(BytesIO(data))
    assert found["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"] == SOURCE_TYPE
    assert found[f"{{{NAMESPACE}}}Frame"] == "42"
    assert found[f"{{{NAMESPACE}}}Dataset"] == DIGEST
    for read in (cv2_read, pillow_read):
        assert (read(data) == read(plain)).all()
    assert header_size(data) == (30, 20)


def cv2_read(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def pillow_read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)))


def test_a_jpeg_without_jfif_is_marked_too():
    plain = encoded(".jpg")
    assert plain[2:4] == b"\xff\xe0"
    bare = plain[:2] + plain[4 + int.from_bytes(plain[4:6], "big") :]
    data = marked(bare, 7, DIGEST)
    assert properties(BytesIO(data))[f"{{{NAMESPACE}}}Frame"] == "7"
    assert (cv2_read(data) == cv2_read(bare)).all()


@pytest.mark.parametrize("form", ["jpg", "png"])
def test_each_picture_of_a_frame_says_which_it_is(tmp_path, form):
    config = rectangles.config(tmp_path / "out")
    card = make_card(config, rectangles.CATEGORIES, {"simgen": "1.0"})
    dataset = Dataset.open(tmp_path / "out", card, config)
    frame = rectangles.make(RECIPE, 7)
    frame = replace(frame, views={"next": View(SceneSpec(), frame.image, frame.agreement)})
    dataset.commit(frame, [Images(form)])
    for folder in ("images", "images_next"):
        found = properties(dataset.folder / folder / f"000007.{form}")
        assert found[f"{{{NAMESPACE}}}Frame"] == "7"
        assert found[f"{{{NAMESPACE}}}Dataset"] == digest_of(card)


def card_of(**changes) -> Card:
    config = rectangles.config("anywhere", **changes)
    return make_card(config, rectangles.CATEGORIES, {"simgen": "1.0"})


def test_the_digest_is_of_what_decides_the_frames():
    digest = digest_of(card_of())
    same = [
        card_of(frames=9, workers=3),
        decode_card(encode_card(card_of()), "card"),
        card_of(count=6.0),
    ]
    others = [
        card_of(seed=1),
        card_of(count=7),
        replace(card_of(), made_with={"simgen": "1.1"}),
        replace(card_of(), categories=card_of().categories[:2]),
    ]
    assert {digest_of(card) for card in same} == {digest}
    assert len({digest, *(digest_of(card) for card in others)}) == 5
