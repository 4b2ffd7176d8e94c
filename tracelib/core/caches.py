"""The folder on this machine that keeps downloads."""

from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from tracelib.core.paths import ROOT


def cache() -> Path:
    """The system's cache folder for tracelib; if it cannot be made, ``work/.cache`` of the checkout."""
    usual = Path(user_cache_dir("tracelib"))
    with suppress(OSError):
        if usual.is_absolute():  # else it starts with "~", because no home folder is known
            usual.mkdir(parents=True, exist_ok=True)
            return usual
    return ROOT / "work" / ".cache" if (ROOT / "Snakefile").is_file() else usual
