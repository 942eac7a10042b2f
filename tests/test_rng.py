import numpy as np
import pytest

from simgen.rng import stream


@pytest.mark.parametrize(
    ("names", "draws"),
    [
        ((0, 0, "scene"), [2516537540, 1086723632, 926375137]),
        ((7, 42, "camera"), [3758645311, 931288078, 3322903947]),
        ((7, 42, "camera/1"), [12077664, 1635179455, 490465348]),
    ],
)
def test_first_draws_are_pinned(names, draws):
    """A changed stream would break the promise of every dataset made so far."""
    assert stream(*names).integers(0, 2**32, 3).tolist() == draws


def test_seed_frame_and_name_tell_streams_apart():
    keys = [(s, f, n) for s in (0, 1) for f in (0, 1, 2**40) for n in ("scene", "camera", "")]
    assert len({stream(*key).random() for key in keys}) == len(keys)


def test_streams_do_not_share_state():
    """Draws from another stream, however many, leave this one as it was."""
    alone = stream(3, 5, "camera").random(4)
    camera, other = stream(3, 5, "camera"), stream(3, 5, "lighting")
    other.random(1000)
    assert (camera.random(4) == alone).all()


def test_global_generator_has_no_part_in_it():
    np.random.seed(1)  # noqa: NPY002
    first = stream(1, 2, "scene").random()
    np.random.seed(2)  # noqa: NPY002
    assert stream(1, 2, "scene").random() == first
