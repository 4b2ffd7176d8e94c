"""Where what is fetched once is kept on this machine."""

from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from tracelib.core.paths import ROOT


def cache() -> Path:
    """Where downloads are kept: as this system has it; in a checkout's ``work`` where that cannot be made."""
    usual = Path(user_cache_dir("tracelib"))
    with suppress(OSError):  # and a path that is not absolute starts with a "~" that nobody could resolve
        if usual.is_absolute():
            usual.mkdir(parents=True, exist_ok=True)
            return usual
    return ROOT / "work" / ".cache" if (ROOT / "Snakefile").is_file() else usual
