"""What the two engines, ray caster and renderer, said of each other when a frame was made."""

from collections.abc import Iterator

from simgen.audit.finding import WARNING, Case, check, fine, wrong
from simgen.audit.folder import Folder
from simgen.audit.frame import Frame
from simgen.dataset import CONFIG
from simgen.frame import Agreement

LOW = 0.9  # a dataset that asks for less agreement has switched the comparison off


@check("record", unit="of pixels")
def agreement(frame: Frame) -> Iterator[Case]:
    """Two engines agreed on the frame and its further pictures, as widely as the dataset asks."""
    least = frame.settings["min_agreement"]
    views = {"the frame": frame.record.agreement, **frame.record.views}
    for name, found in views.items():
        shares = [found.pixels, found.depth_pixels, found.id_pixels]
        if _sound(found) and found.pixels >= least:
            yield fine(1, 1 - found.pixels)
        else:
            text = f"the engines agree on {found.pixels:.3%} of the pixels of {name}"
            text += "" if _sound(found) else ", and these figures belong to no comparison"
            yield wrong(text, expected=f">= {least}", found=shares, off=1 - found.pixels)
    pictures = {name.removeprefix("images_") for name in frame.layers.paths if "images_" in name}
    for name in sorted(pictures - views.keys()):
        text = f"the record does not say how far the engines agree on images_{name}"
        yield wrong(text, expected=name, found=sorted(frame.record.views))


@check("card", whole=True)
def agreement_asked(folder: Folder) -> Iterator[Case]:
    """The dataset asks its two engines to agree on nearly all pixels."""
    least = folder.source.settings["min_agreement"]
    if least >= LOW:
        yield fine(1)
    else:
        text = f"min_agreement is {least:g}: nearly any picture would have passed"
        yield wrong(text, file=CONFIG, expected=f">= {LOW}", found=least, severity=WARNING)


def _sound(found: Agreement) -> bool:
    """Tells whether figures can be of a comparison: shares of 1, differences not below 0."""
    parts = [share for share in (found.depth_pixels, found.id_pixels) if share is not None]
    shares = all(0 <= share <= 1 for share in (found.pixels, *parts))
    return (
        shares and found.pixels <= min(parts) + 1e-12 and 0 <= found.depth_median <= found.depth_max
    )
