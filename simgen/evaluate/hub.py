"""Models of the optional package transformers, from a folder or the Hugging Face hub.

Only safetensors and JSON are read: neither pickles nor code that comes with a model.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from simgen.errors import SimgenError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_WANTED = ["*.json", "*.safetensors"]


def transformers(setting: str) -> ModuleType:
    """Returns the package.

    Args:
        setting: what asked for it, as in 'model=...', for the message.

    Raises:
        SimgenError: it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise SimgenError(f"{setting} needs transformers: pip install transformers") from error
    return transformers


def snapshot(model: str, setting: str) -> Path:
    """Returns the folder of a model: `model` itself, or what the hub gives under that name.

    Raises:
        SimgenError: it is neither, or the hub cannot be reached.
    """
    if Path(model).is_dir():
        return Path(model)
    transformers(setting)  # the hub's own package comes with it
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=_WANTED))
    except Exception as error:  # offline, no such name, no right to it: each has its own kind
        raise SimgenError(
            f"{setting} is no folder, and the hub does not give it ({line(error)}): name a "
            "folder with config.json and model.safetensors"
        ) from error


def loaded(maker: Any, folder: Path, setting: str, **settings: Any) -> Any:
    """Returns `maker.from_pretrained` of a folder, quietly and without a look at the network.

    Raises:
        SimgenError: there is no such model in it.
    """
    try:
        with _quiet(setting):
            return maker.from_pretrained(
                folder,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                **settings,
            )
    except Exception as error:  # a damaged folder breaks transformers in many ways
        raise SimgenError(f"{setting} cannot be loaded: {line(error)}") from error


def said(folder: Path, name: str) -> dict[str, Any]:
    """Returns what a model's JSON file says, {} where there is none.

    The hub's own folders consist of links to files beside them, so these are followed.

    Raises:
        SimgenError: it is no JSON object.
    """
    path = folder / name
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict) if path.is_file() else {}
    except (OSError, ValueError, RecursionError) as error:
        raise SimgenError(f"{path}: no such JSON as is expected: {error}") from error


def digest(folder: Path) -> str:
    """Returns the SHA-256 over a model's weights."""
    total = sha256()
    for path in sorted(folder.glob("*.safetensors")):
        total.update(path.read_bytes())
    return total.hexdigest()


def line(error: Exception) -> str:
    """Returns the first line of what an error says."""
    return next(iter(str(error).splitlines()), type(error).__name__)


@contextmanager
def _quiet(setting: str) -> Iterator[None]:
    """Keeps transformers' bars and its list of what has a new size off the screen."""
    logging = transformers(setting).utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
