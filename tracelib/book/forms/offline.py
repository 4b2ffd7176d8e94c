"""The built book as one zip file, to be read without a server or a network."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tracelib.book.forms.built import NAME
from tracelib.core.atomic import written_beside

BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can state


def write(html: Path, out: Path) -> int:
    """Pack the folder of a built book. The same book gives the same bytes.

    Its texts are those of the build: with ``TRACELIB_PUBLIC`` set, the explorer has none of the release.

    Returns:
        The number of files in it.
    """
    files = sorted(path for path in html.rglob("*") if path.is_file())
    with written_beside(out) as beside, ZipFile(beside, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = ZipInfo(f"{NAME}/{path.relative_to(html).as_posix()}", BEGINNING)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return len(files)
