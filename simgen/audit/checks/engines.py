"""What the two engines, ray caster and renderer, said of each other when a frame was made."""

from collections.abc import Iterator

from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.frame import Frame


@check("record", unit="of pixels")
def agreement(frame: Frame) -> Iterator[Case]:
    """Two engines agreed on the frame, on as many pixels as the dataset asks for."""
    least = frame.settings["min_agreement"]
    views = {"the frame": frame.record.agreement, **frame.record.views}
    for name, found in views.items():
        shares = [found.pixels, found.depth_pixels, found.id_pixels]
        sound = all(share is None or 0 <= share <= 1 for share in shares)
        parts = min(share for share in shares[1:] if share is not None)
        if sound and found.pixels >= least and found.pixels <= parts + 1e-12:
            yield fine(1, 1 - found.pixels)
        else:
            text = f"the engines agree on {found.pixels:.3%} of the pixels of {name}"
            yield wrong(text, expected=f">= {least}", found=shares, off=1 - found.pixels)
