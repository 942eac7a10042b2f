from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.scratch import replace_file


def test_where_no_folder_can_ever_be_made_it_gives_up(tmp_path, monkeypatch):
    """As below /proc, or below a mount that makes folders by itself."""

    def nowhere(path, *_, **__):
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "mkdir", nowhere)
    with pytest.raises(SimgenError, match="cannot be made, or is gone: choose another out="):
        replace_file(tmp_path / "out", "a.json", [b"{}"])
