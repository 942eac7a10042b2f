"""Every file of conf/, and every value in it: what composes, and what is refused."""

import pytest

from simgen.errors import SimgenError
from simgen.recipe import Recipe
from tests.composing import composed, options, painted, recipe

GROUPS = (
    "scene",
    "randomize",
    "lens",
    "sensor",
    "quality",
    "accept",
    "targets",
    "writer",
    "renderer",
)
ALL_RANDOMIZERS = f"randomize=[{','.join(options('randomize'))}]"


def chosen(group, option):
    listed = group in ("randomize", "writer")
    return f"{group}=[{option}]" if listed else f"{group}={option}"


@pytest.mark.parametrize(("group", "option"), [(g, o) for g in GROUPS for o in options(g)])
def test_every_option_composes_and_can_be_built(group, option):
    made = recipe(chosen(group, option))
    if group in ("randomize", "writer"):
        assert list(getattr(made, {"randomize": "randomizers", "writer": "writers"}[group])) == [
            option
        ]


@pytest.mark.parametrize("option", options("scene"))
def test_scenes_take_the_resolution_they_are_given(option):
    assert composed(f"scene={option}", "resolution=[80,60]")["scene"]["resolution"] == [80, 60]


def test_lists_may_be_empty_and_reordered():
    assert recipe("randomize=[]", "writer=[]").randomizers == {}
    assert list(recipe("randomize=[camera,lighting]").randomizers) == ["camera", "lighting"]
    assert "camera" not in recipe("~randomize.camera").randomizers


def test_a_scene_may_choose_its_own_lists_and_the_command_line_has_the_last_word():
    assert "clutter" not in recipe("scene=single").randomizers
    assert list(recipe("scene=single", "randomize=[pose]").randomizers) == ["pose"]


def test_any_number_may_be_a_distribution():
    made = recipe("scene.rows=[integer,1,2]", "randomize.camera.height_m=[normal,1.6,0.2,1,2]")
    assert made.scene.rows.bounds() == (1, 2)
    assert made.randomizers["camera"].height_m.bounds() == (1, 2)


def leaves(node, key):
    """Yields (key, value) of every setting."""
    for name, value in node.items():
        if name == "_target_":
            continue
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{key}.{name}")
        else:
            yield f"{key}.{name}", value


OWN = {"tabletop": "home", "bin": "bench", "conveyor": "belt"}  # scenes with variants of their own
LENSES = {"warehouse": "fisheye", "single": "brown_conrady"}  # one with each scene


def variants(folder):
    """Returns the randomizers of a folder, which have the keys of those that they replace."""
    return [f"{folder}/{name}" for name in options(f"randomize/{folder}")]


def settings():
    for scene in options("scene"):
        yield from leaves(composed(f"scene={scene}")["scene"], f"{scene}:scene")
    for scene, lens in LENSES.items():
        yield from leaves(composed(f"lens={lens}")["lens"], f"{scene}:lens")
    for scene, folder in OWN.items():
        chosen = f"randomize=[{','.join(variants(folder))}]"
        yield from leaves(composed(f"scene={scene}", chosen)["randomize"], f"{scene}:randomize")
    config = composed("scene=warehouse", ALL_RANDOMIZERS, f"writer=[{','.join(options('writer'))}]")
    for group in ("randomize", "sensor", "accept", "writer"):
        yield from leaves(config[group], f"warehouse:{group}")


SETTINGS = dict(settings())
NONSENSE = {
    "reversed": ["uniform", 3, 1],
    "too few": ["uniform", 1],
    "too many": ["integer", 1, 2, 3],
    "misspelt": ["unifrom", 0.2, 0.4],
    "empty choice": ["choice"],
    "endless": ["uniform", 0, float("inf")],
    "nothing": None,
    "far below": -1e9,
    "not a number": float("nan"),
    "pair": [0.1, 0.2],
    "mapping": {"low": 0.1},
    "text": "soon",
    "truth": True,
}
FITS = {  # what makes sense where
    "text": (),
    "truth": ("labelled", "auto_exposure", "picture"),
    "mapping": ("params",),
    "nothing": ("params", "objects", "print_size", "hdris", "textures"),
    "pair": (),
}


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize("setting", SETTINGS)
def test_nonsense_names_the_full_key_in_one_line(setting, kind):
    scene, key = setting.split(":")
    name = key.rpartition(".")[2]
    if name in FITS.get(kind, ()):
        pytest.skip("makes sense here")
    config = base(scene)
    config = with_value(config, key.split("."), NONSENSE[kind])
    assert_named(config, key)


def assert_named(config, key):
    """Asserts that a config is refused in one line that starts with the key."""
    with pytest.raises(SimgenError) as caught:
        Recipe.from_config(config)
    text = str(caught.value)
    assert text.startswith((f"{key}=", f"{key}: ", f"{key} "))
    assert "\n" not in text and "_target_" not in text and "0x" not in text


def base(scene):
    if scene not in BASES:
        BASES[scene] = painted(
            f"scene={scene}",
            f"lens={LENSES.get(scene, 'pinhole')}",
            f"randomize=[{','.join(variants(OWN[scene]))}]" if scene in OWN else ALL_RANDOMIZERS,
            f"writer=[{','.join(options('writer'))}]",
        )
    return BASES[scene]


BASES: dict[str, dict] = {}


def with_value(node, path, value):
    head, *rest = path
    return {**node, head: with_value(node[head], rest, value) if rest else value}


COUNTS = [key for key in SETTINGS if key.rpartition(".")[2] in {
    "rows", "bays", "levels", "stacks", "forklifts", "pallet_trucks", "count", "spots", "looks",
    "min_objects", "max_attempts", "kinds", "totes", "attempts",
}]  # fmt: skip


@pytest.mark.parametrize("setting", COUNTS)
@pytest.mark.parametrize("value", [2.5, ["uniform", 1, 3], -1])
def test_counts_are_whole(setting, value):
    scene, key = setting.split(":")
    with pytest.raises(SimgenError, match=rf"^{key}=.* must be "):
        Recipe.from_config(with_value(base(scene), key.split("."), value))


def test_the_settings_were_found():
    assert len(SETTINGS) > 60 and len(COUNTS) >= 11
