"""Light: how bright, how warm, from where, and what shines in from outside."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from simgen import panoramas
from simgen.checks import require, require_type
from simgen.color import blackbody
from simgen.credits import Asset
from simgen.distributions import Choice, Distribution, Number, draw
from simgen.errors import SimgenError, did_you_mean
from simgen.geometry import axis_angle, look_at, multiply
from simgen.panoramas import Panoramas
from simgen.spec import Light, Quaternion, SceneSpec, World

HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
FLIP: Quaternion = axis_angle((1.0, 0.0, 0.0), np.pi)  # a light shines along -z, look_at aims +z


@dataclass(frozen=True)
class Lighting:
    """Varies the scene's own lamps and adds spots, a sun and an environment.

    Attributes:
        intensity: factor on the scene's lamps.
        temperature_k: colour of the scene's lamps. mixed_k: by how much each may differ from it.
        lit: share of the scene's lamps that are on; at least one is.
        spots, spot_w: extra spot lights at random places near the ceiling, and their power.
        sun: probability of a sun; sun_w_m2 its irradiance, sun_elevation_deg its height.
        hdri: image of the surroundings: a file, or one of those inside bpy (HDRIS); '' for none.
        hdris: folder of HDRIs, each as likely as each of `hdri`; these alone where that is ''.
        hdri_strength: its factor.
    """

    intensity: Number = 1.0
    temperature_k: Number = 5000.0
    mixed_k: Number = 0.0
    lit: Number = 1.0
    spots: Number = 0
    spot_w: Number = 150.0
    sun: Number = 0.0
    sun_w_m2: Number = 3.0
    sun_elevation_deg: Number = 45.0
    hdri: str | Distribution = ""
    hdris: str | None = None
    hdri_strength: Number = 1.0

    def __post_init__(self):
        require(0, intensity=self.intensity, spot_w=self.spot_w)
        require(0, whole=True, spots=self.spots)
        require_type(str, hdri=self.hdri)
        for hdri in _options(self.hdri):
            if hdri and hdri not in HDRIS and not Path(hdri).expanduser().is_file():
                raise SimgenError(
                    f"hdri={hdri} is neither a file nor inside bpy; {did_you_mean(hdri, HDRIS)}"
                )
        if self.hdris is not None:
            _ = self._panoramas  # opened, and so checked
        require(0, sun_w_m2=self.sun_w_m2, hdri_strength=self.hdri_strength)
        require(1667, 25000, temperature_k=self.temperature_k)
        require(0, 10000, mixed_k=self.mixed_k)
        require(0, 1, lit=self.lit, sun=self.sun)
        require(0, 90, sun_elevation_deg=self.sun_elevation_deg)

    @cached_property
    def _panoramas(self) -> Panoramas:
        try:
            return Panoramas.open(self.hdris)
        except SimgenError as error:
            raise SimgenError(f"hdris={error}") from error

    @property
    def assets(self) -> tuple[Asset, ...]:
        """HDRIs of the user's."""
        lone = (panoramas.lone(h) for h in _options(self.hdri) if h and h not in HDRIS)
        return (*lone, *(self._panoramas.assets if self.hdris is not None else ()))

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with new lights and world; all else is equal."""
        d = draw(self, rng)
        lights = _lamps(spec.lights, d, rng)
        lights += tuple(
            _spot(spec.room, d.spot_w, d.temperature_k, rng) for _ in range(int(d.spots))
        )
        sunny = bool(rng.random() < d.sun)
        azimuth = float(rng.uniform(-180, 180))
        if sunny:
            lights += (_sun(d.sun_w_m2, d.sun_elevation_deg, azimuth),)
        hdri = d.hdri if self.hdris is None else self._any_hdri(rng)
        world = spec.world
        if hdri:
            world = World(hdri, strength=d.hdri_strength, rotation_deg=azimuth)
        drawn = {f"lighting.{f.name}": getattr(d, f.name) for f in fields(d)}
        drawn |= {"lighting.sun": sunny, "lighting.hdri": hdri}
        del drawn["lighting.hdris"]
        return replace(spec, lights=lights, world=world, parameters=spec.parameters | drawn)

    def _any_hdri(self, rng: np.random.Generator) -> str:
        own = _options(self.hdri) if self.hdri != "" else ()
        return Choice(*own, *self._panoramas.paths).sample(rng)


def _options(hdri: str | Distribution) -> tuple[str, ...]:
    return hdri.options if isinstance(hdri, Choice) else (hdri,)


def _lamps(lights: tuple[Light, ...], d: Lighting, rng: np.random.Generator) -> tuple[Light, ...]:
    order = rng.permutation(len(lights))
    on = set(order[: max(1, round(d.lit * len(lights)))])
    off = d.mixed_k * rng.uniform(-1, 1, len(lights)) if d.mixed_k else np.zeros(len(lights))
    kelvin = np.clip(d.temperature_k + off, 1667, 25000)
    return tuple(
        replace(light, power=light.power * d.intensity, color=blackbody(float(kelvin[i])))
        for i, light in enumerate(lights)
        if i in on
    )


def _spot(room, power: float, kelvin: float, rng: np.random.Generator) -> Light:
    lower, upper = np.asarray(room)
    position = rng.uniform(lower, upper)
    position[2] = lower[2] + rng.uniform(0.7, 0.95) * (upper[2] - lower[2])
    target = rng.uniform(lower, upper)
    target[2] = lower[2]
    position, target = (tuple(float(v) for v in p) for p in (position, target))
    return Light(
        "spot",
        position,
        multiply(look_at(position, target), FLIP),
        power,
        blackbody(float(np.clip(kelvin * rng.uniform(0.7, 1.3), 1667, 25000))),
        (0.2, 0.2),
        float(rng.uniform(30, 90)),
    )


def _sun(irradiance: float, elevation_deg: float, azimuth_deg: float) -> Light:
    elevation, azimuth = np.radians([elevation_deg, azimuth_deg])
    level = np.cos(elevation)
    toward = (level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation))
    position = tuple(float(100 * v) for v in toward)
    rotation = multiply(look_at(position, (0.0, 0.0, 0.0)), FLIP)
    return Light("sun", position, rotation, irradiance, blackbody(5500.0), (0.5, 0.5))
