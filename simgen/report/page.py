"""One HTML document that needs nothing else: no network, no other file, no right to either.

Charts for it are in simgen.report.charts.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape as _escape
from importlib.resources import files

import cv2
import numpy as np

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


def page(title: str, body: str, style: str = "", script: str = "") -> str:
    """Returns a whole HTML document in the house look, light or dark as the reader's system is.

    Its Content-Security-Policy lets run what is given here and nothing else, not even an attribute
    `onclick=` or `style=` inside `body`; pictures are data: URIs. Classes of the look are in
    house.css: card, grid, figures, note, warning, bad, good, number, muted, scroll.

    Args:
        title: plain text, escaped here.
        body: HTML; whoever makes it escapes what came from a dataset (see `escape`).
        style, script: CSS after the house's own, JavaScript at the end of the body; neither may
            bear data.
    """
    for text in (style, script):
        if "</" in text:
            raise ValueError("a style or script would end early at '</'")
    style = (files(__package__) / "house.css").read_text("utf-8") + style
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hashed(style)}; "
        f"script-src {_hashed(script)}; base-uri 'none'; form-action 'none'"
    )
    return _DOCUMENT.format(
        policy=policy, title=escape(title), style=style, body=body, script=script
    )


def escape(text: object) -> str:
    """Returns any text such that HTML shows it, in an element or in a quoted attribute.

    Characters that cannot be printed, or turn the reading direction, are shown by their code.
    """
    return _escape("".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text)))


def picture_uri(rgb: np.ndarray, quality: int = 80) -> str:
    """Returns (H, W, 3) uint8 RGB, or (H, W) uint8 grey, as a JPEG in a data: URI."""
    pixels = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR) if rgb.ndim == 3 else rgb
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"no picture: shape {rgb.shape}, {rgb.dtype}")
    return f"data:image/jpeg;base64,{b64encode(data).decode()}"


def _hashed(text: str) -> str:
    """Returns the policy's name of a text that may be used."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
