import numpy as np
import pytest
from scipy.special import ndtr

from simgen.distributions import Choice, Uniform
from simgen.errors import SimgenError
from simgen.sensor import Sensor, develop, undevelop

SIZE = (120, 160, 3)
IDEAL = Sensor(auto_exposure=False)
GREY = 118  # sRGB of 0.18
NOISY = dict(full_well_e=5000, read_noise_e=5, blur_px=0.6, vignetting=0.2, white_balance=0.5)


def shot(sensor, light, seed=0):
    return sensor(np.asarray(light, np.float32), np.random.default_rng(seed))


def flat(*color):
    return np.broadcast_to(np.float32(color), SIZE)


def scene(seed=0):
    """Returns light with detail, dark and bright parts and a cast."""
    rng = np.random.default_rng(seed)
    return np.float32(rng.lognormal(-1, 0.6, SIZE) * (1.3, 1.0, 0.7))


def tone(light):
    """The curve as the documentation states it: linear to 0.6, then y = 0.6 + 0.4 t / (1 + t)
    with t = (x - 0.6) / 0.4, then the encoding of IEC 61966-2-1."""
    t = (np.asarray(light, float) - 0.6) / 0.4
    y = np.where(t > 0, 0.6 + 0.4 * t / (1 + np.maximum(t, 0)), light)
    return 255 * np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)


def test_a_ramp_goes_through_the_stated_curve():
    ramp = np.linspace(0, 4, 500)
    image = shot(IDEAL, np.repeat(ramp, 3).reshape(1, 500, 3))
    assert np.abs(image[0, :, 1] - tone(ramp)).max() <= 0.501
    assert (np.diff(image[0, :, 0].astype(int)) >= 0).all()


def test_the_result_is_8_bit_rgb_of_the_same_size():
    image = shot(Sensor(**NOISY), scene())
    assert image.shape == SIZE and image.dtype == np.uint8


@pytest.mark.parametrize("level", [1e-6, 0.02, 1.0, 3e4])
def test_automatic_exposure_brings_flat_grey_to_middle_grey(level):
    assert (shot(Sensor(), flat(level, level, level)) == GREY).all()


@pytest.mark.parametrize("factor", [1e-5, 0.37, 1e4])
def test_automatic_exposure_and_balance_do_not_see_the_scale(factor):
    sensor, light = Sensor(white_balance=0.7), scene()
    apart = shot(sensor, light).astype(int) - shot(sensor, light * np.float32(factor))
    assert np.abs(apart).max() <= 1


def test_automatic_exposure_spares_the_highlights():
    """A fifth of the picture at 300 times the rest: middle grey for the rest would burn it out."""
    light = np.full(SIZE, 0.01, np.float32)
    light[:24] = 3.0
    image = shot(Sensor(), light)
    assert (image[:24] == round(float(tone(1.0)))).all() and image[24:].max() < 30


@pytest.mark.parametrize("contrast", [0.6, 1.0, 1.8, 3.0])
def test_automatic_exposure_spares_the_highlights_at_any_contrast(contrast):
    light = np.full(SIZE, 0.01, np.float32)
    light[:24] = 3.0
    image = shot(Sensor(contrast=contrast), light)
    assert np.abs(image[:24].astype(int) - round(float(tone(1.0)))).max() <= 1


def test_exposure_adds_stops():
    light = flat(0.05, 0.05, 0.05)
    brighter = shot(Sensor(auto_exposure=False, exposure_ev=2), light)
    assert (brighter == shot(IDEAL, flat(0.2, 0.2, 0.2))).all()


def test_full_balance_removes_a_cast_and_half_keeps_some():
    cast = flat(0.3, 0.2, 0.1)
    spread = [
        np.ptp(shot(Sensor(white_balance=share), cast)[0, 0].astype(int)) for share in (0, 0.5, 1)
    ]
    assert spread[2] == 0 < spread[1] < spread[0]


def test_balance_does_not_make_a_colour_out_of_nothing():
    """Light without any blue: a grey world would ask for an infinite gain."""
    light = np.array(flat(0.3, 0.2, 0.0))
    light[0, 0, 2] = 0.01
    image = shot(Sensor(white_balance=1.0), light)
    assert image[0, 0, 2] < 150 and (image[1:, :, 2] == 0).all()


@pytest.mark.parametrize(("level", "read"), [(0.18, 0.0), (0.18, 40.0), (0.5, 10.0)])
def test_noise_deviates_as_stated(level, read):
    """sqrt(n + r^2) electrons, for n = level x full well; the curve's slope leads back to light."""
    well = 2000.0
    sensor = Sensor(auto_exposure=False, full_well_e=well, read_noise_e=read)
    image = shot(sensor, flat(level, level, level))
    step = 1e-3
    slope = (tone(level + step) - tone(level - step)) / (2 * step)
    expected = np.sqrt(level * well + read**2) / well
    rounding = 1 / np.sqrt(12)
    assert np.hypot(expected * slope, rounding) == pytest.approx(image.std(), rel=0.03)


def test_noise_leaves_the_mean():
    noisy = shot(Sensor(auto_exposure=False, full_well_e=20000), flat(0.18, 0.18, 0.18))
    assert noisy.mean() == pytest.approx(tone(0.18), abs=0.1)


def test_no_well_no_noise():
    assert (shot(Sensor(full_well_e=0, read_noise_e=50), flat(1, 1, 1)) == GREY).all()


def test_blur_spreads_a_point_by_its_deviation():
    light = np.zeros((61, 61, 3), np.float32)
    light[30, 30] = 0.5 * 2 * np.pi * 2.0**2  # its peak, blurred, is then 0.5
    image = shot(Sensor(auto_exposure=False, blur_px=2.0), light)
    assert image[30, 30, 0] == pytest.approx(tone(0.5), abs=2)
    assert image[30, 32, 0] == pytest.approx(tone(0.5 * np.exp(-0.5)), abs=2)


def test_blur_keeps_flat_light_to_the_edge():
    assert (shot(Sensor(blur_px=3.0), flat(0.4, 0.4, 0.4)) == GREY).all()


def test_vignetting_takes_its_share_in_the_corner_and_nothing_in_the_middle():
    image = shot(Sensor(auto_exposure=False, vignetting=0.5), flat(0.4, 0.4, 0.4))
    assert image[60, 80, 0] == round(float(tone(0.4)))
    for corner in (image[0, 0], image[0, -1], image[-1, 0], image[-1, -1]):
        assert corner[0] == pytest.approx(tone(0.2), abs=1.5)
    assert image[60, 0, 0] == pytest.approx(tone(0.4 * (1 - 0.5 * 0.64)), abs=1.5)


def test_sharpening_leaves_flat_light_and_overshoots_at_an_edge_by_its_share():
    """A step blurred by sigma is a normal distribution; half a pixel from it that is ndtr(0.5)."""
    assert (shot(Sensor(sharpening=2.0), flat(0.3, 0.3, 0.3)) == GREY).all()
    light = np.array(flat(0.1, 0.1, 0.1))
    light[:, 80:] = 0.3
    soft, crisp = (shot(Sensor(auto_exposure=False, sharpening=s), light) for s in (0, 1))
    low, high = soft[60, 0, 0].astype(int), soft[60, -1, 0].astype(int)
    over = (1 - ndtr(0.5)) * (high - low)
    assert crisp[60, 80, 0] == pytest.approx(high + over, abs=2)
    assert crisp[60, 79, 0] == pytest.approx(low - over, abs=2)


def test_sharpening_adds_no_colour():
    light = scene() * np.float32([1, 0.5, 0.2])
    soft, crisp = (shot(Sensor(sharpening=s), light).astype(int) for s in (0, 1))
    inside = (crisp > 0).all(-1) & (crisp < 255).all(-1)
    change = (crisp - soft)[inside]
    assert np.abs(change).max() > 10 and np.ptp(change, axis=-1).max() <= 1


@pytest.mark.parametrize(("contrast", "saturation"), [(1, 1), (1.6, 0.7), (0.7, 1.2)])
def test_a_picture_is_taken_back_to_its_light(contrast, saturation):
    image = develop(scene() / 2, contrast, saturation)
    light = undevelop(image, contrast, saturation)
    assert light.dtype == np.float32
    assert np.abs(develop(light, contrast, saturation).astype(int) - image).max() <= 1
    plain = (image > 30).all(-1) & (image < 230).all(-1)
    assert light[plain] == pytest.approx(scene()[plain] / 2, rel=0.1)


def test_what_is_drawn_is_what_the_picture_is_taken_with():
    sensor = Sensor(exposure_ev=Uniform(-1, 1), contrast=Uniform(0.8, 1.4), full_well_e=3000)
    drawn = sensor.drawn(np.random.default_rng(3))
    fixed = Sensor(**{name.removeprefix("sensor."): value for name, value in drawn.items()})
    light, apart = scene(), shot(sensor, scene(), 3).astype(float)
    apart -= shot(fixed, light, 4)  # all but the noise is the same
    assert abs(apart.mean()) < 0.1 and drawn["sensor.full_well_e"] == 3000


def test_contrast_and_saturation_turn_about_middle_grey():
    grey = flat(0.18, 0.18, 0.18)
    for sensor in (Sensor(auto_exposure=False, contrast=1.5), Sensor(saturation=2.0)):
        assert (shot(sensor, grey) == GREY).all()
    steep = shot(Sensor(auto_exposure=False, contrast=1.5), flat(0.09, 0.18, 0.36))
    assert steep[0, 0] == pytest.approx(tone(0.18 * np.array([0.5, 1, 2]) ** 1.5), abs=0.6)
    faded = shot(Sensor(auto_exposure=False, saturation=0.0), flat(0.3, 0.2, 0.1))
    assert np.ptp(faded) == 0


def test_the_same_stream_makes_the_same_picture():
    sensor = Sensor(exposure_ev=Uniform(-1, 1), **NOISY)
    assert (shot(sensor, scene(), 3) == shot(sensor, scene(), 3)).all()
    assert (shot(sensor, scene(), 3) != shot(sensor, scene(), 4)).any()


def test_the_light_is_not_written_to():
    light = scene()
    before = light.copy()
    shot(Sensor(**NOISY), light)
    assert (light == before).all()


EXTREME = Sensor(exposure_ev=20, contrast=4, saturation=10, white_balance=1, full_well_e=10)


@pytest.mark.parametrize("sensor", [IDEAL, Sensor(), Sensor(**NOISY), EXTREME])
def test_broken_light_stays_finite_and_does_not_wrap(sensor):
    broken, mended = scene(), scene()
    broken[0, :7, 0] = (np.nan, np.inf, -np.inf, -5.0, 1e38, 3e38, 1e-45)
    mended[0, :7, 0] = (0, 1e6, 0, 0, 1e6, 1e6, 0)
    with np.errstate(all="raise", under="ignore"):
        assert (shot(sensor, broken) == shot(sensor, mended)).all()


def test_broken_light_is_black_or_white():
    light = scene()
    light[0, :4, 0] = (np.nan, np.inf, -5.0, 3e38)
    assert shot(IDEAL, light)[0, :4, 0].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize("level", [0.0, 1e-30, 1e30])
@pytest.mark.parametrize("sensor", [Sensor(), Sensor(**NOISY), EXTREME])
def test_black_and_blinding_pictures(level, sensor):
    with np.errstate(all="raise", under="ignore"):
        image = shot(sensor, flat(level, level, level))
    if level < 1 and not sensor.full_well_e:
        assert (image == 0).all()
    if level > 1:
        assert image.mean() > 100


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("auto_exposure", "yes", "auto_exposure=yes must be true or false"),
        ("auto_exposure", 1, "auto_exposure=1 must be true or false"),
        ("exposure_ev", 21, "exposure_ev=21 must be at most 20"),
        ("white_balance", 1.2, "white_balance=1.2 must be at most 1"),
        ("contrast", 0, "contrast=0 must be at least 0.1"),
        ("saturation", -1, "saturation=-1 must be at least 0"),
        ("full_well_e", -1, "full_well_e=-1 must be at least 0"),
        ("read_noise_e", "loud", "read_noise_e=loud must be a number"),
        ("blur_px", Uniform(-1, 1), r"blur_px=\[uniform, -1, 1\] must be at least 0"),
        ("vignetting", Choice(0, 2), r"vignetting=\[choice, 0, 2\] must be at most 1"),
    ],
)
def test_nonsense_is_refused(field, value, message):
    with pytest.raises(SimgenError, match=f"^{message}"):
        Sensor(**{field: value})
