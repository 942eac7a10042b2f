"""What a scene drops or lays: the user's own things, or small props where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from simgen.credits import Asset, credit
from simgen.distributions import written
from simgen.errors import SimgenError, one_of
from simgen.library.files import MESHES
from simgen.library.library import Library
from simgen.prints import Prints
from simgen.props import looks, names, shapes
from simgen.spec import Body
from simgen.targets.wanted import Wanted

Size = tuple[float, float]
Kinds = dict[str, tuple[Body, ...]]


@dataclass(frozen=True)
class Things:
    """Bodies standing at the origin.

    Attributes:
        bodies: by category.
        assets: whose they are; none where they come with simgen.
    """

    bodies: Kinds
    assets: tuple[Asset, ...] = ()

    @classmethod
    def of(
        cls, objects: str | None, print_size: Size | None, default_props: Sequence[str]
    ) -> "Things":
        """Returns what is in a folder, or the default props without one.

        Args:
            objects: a folder of models, or of pictures alone, which become prints.
            print_size: of a print, metres; None where there are none, or a manifest says it.

        Raises:
            SimgenError: the folder cannot be used, or a prop is not known.
        """
        if objects is None:
            if print_size is not None:
                raise SimgenError(
                    f"print_size={written(print_size)} is for pictures: name their folder, "
                    f"objects=FOLDER"
                )
            return cls(_built_in(default_props))
        if not isinstance(objects, str) or not Path(objects).expanduser().is_dir():
            raise SimgenError(f"objects={written(objects)} is not a folder of models or pictures")
        if print_size is None and _has_models(objects):
            return _models(objects)
        prints = Prints.open(objects, print_size)
        return cls(prints.bodies, prints.assets)

    @property
    def categories(self) -> tuple[str, ...]:
        """In the order of their ids."""
        return tuple(self.bodies)

    def draw(self, rng: np.random.Generator, category: str | None = None) -> Body:
        """Returns one thing: a category, unless it is given, then one of its kind, each alike."""
        if category is None:
            category = self.categories[int(rng.integers(len(self.bodies)))]
        one_of("category", category, self.categories)
        kinds = self.bodies[category]
        return kinds[int(rng.integers(len(kinds)))]

    def several(
        self, count: int, rng: np.random.Generator, wanted: Wanted | None = None
    ) -> tuple[Body, ...]:
        """Returns `count` things, or as many and of those categories as are wanted."""
        if wanted and wanted.count is not None:
            count = max(wanted.count, 1)
        names = wanted.categories(count) if wanted and wanted.shares else ()
        shuffled = [names[i] for i in rng.permutation(len(names))]
        return tuple(self.draw(rng, name) for name in shuffled or [None] * count)


@dataclass(frozen=True)
class Shows:
    """What scenes that show things have in common.

    Attributes:
        objects: a folder of models or pictures; None for `props`.
        print_size: (width, height) of pictures as things, metres.
        props: modules of simgen.props that are shown without `objects`.
    """

    objects: str | None = None
    print_size: Size | None = None
    props: tuple[str, ...] = ()

    @cached_property
    def things(self) -> Things:
        return Things.of(self.objects, self.print_size, self.props)

    @property
    def categories(self) -> tuple[str, ...]:
        """Those of the things."""
        return self.things.categories

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Whose the things are."""
        return self.things.assets


def _has_models(folder: str) -> bool:
    found = Path(folder).expanduser().rglob("*")
    return any(path.suffix.lower() in MESHES for path in found)


def _models(folder: str) -> Things:
    library = Library.open(folder)
    bodies = {
        category: tuple(a.body() for a in library.assets if a.category == category)
        for category in library.categories
    }
    assets = tuple(
        credit(f"objects/{a.name}", a.licence, a.source, a.digest.encode(), repr(a.shape).encode())
        for a in library.assets
    )
    return Things(bodies, assets)


def _built_in(props: Sequence[str]) -> Kinds:
    if not props or not isinstance(props, tuple):
        raise SimgenError(f"props={written(props)} must be a list, such as [mug, book]")
    for prop in props:
        one_of("props", prop, names())
    return {prop: _kinds(prop) for prop in props}


def _kinds(prop: str) -> tuple[Body, ...]:
    """Returns the prop in each of its sizes and looks."""
    return tuple(
        Body(prop, shape, category=prop, materials=look)
        for shape in shapes(prop)
        for look in looks(shape)
    )
