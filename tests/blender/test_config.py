"""The renderers' settings, which need bpy to be built: what is refused, and how."""

import pytest

from tests.composing import composed, options
from tests.test_config import NONSENSE, assert_named, leaves, with_value

pytestmark = pytest.mark.blender
CONFIGS = {name: composed(f"renderer={name}", "scene=single") for name in options("renderer")}
SETTINGS = [
    (name, key)
    for name, config in CONFIGS.items()
    for key, _ in leaves(config["renderer"], "renderer")
]


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize(("renderer", "key"), SETTINGS)
def test_nonsense_names_the_full_key_in_one_line(renderer, key, kind):
    if kind == "truth" and key == "renderer.denoise":
        pytest.skip("makes sense here")
    assert_named(with_value(CONFIGS[renderer], key.split("."), NONSENSE[kind]), key)
