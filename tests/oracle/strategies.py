"""What hypothesis draws for several of the oracles."""

from collections.abc import Callable

from hypothesis import strategies as st

from simgen.geometry import axis_angle
from simgen.spec import Body


def boxes(box: Callable[..., Body], smallest: float, largest: float) -> st.SearchStrategy[Body]:
    """Returns boxes around (0, 0, 1), stretched, mirrored and turned; `box` makes one from its
    position, scale and rotation."""
    unit = st.floats(-1, 1)
    return st.builds(
        lambda x, y, z, sizes, mirror, axis, angle: box(
            (1.5 * x, 1.5 * y, 1 + 1.5 * z),
            tuple(s * m for s, m in zip(sizes, mirror)),
            axis_angle(axis, angle),
        ),
        unit,
        unit,
        unit,
        st.tuples(*[st.floats(smallest, largest)] * 3),
        st.tuples(*[st.sampled_from([1, -1])] * 3),
        st.sampled_from([(0, 0, 1), (1, 2, 3), (3, -1, 1)]),
        st.floats(0, 6.3),
    )
