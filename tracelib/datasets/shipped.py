"""Tables about the release that ship with the package: numbers and labels, no text."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tracelib.core.atomic import written_beside
from tracelib.datasets.release_files import Unreachable


@dataclass(frozen=True)
class ShippedTable:
    """A table in `tracelib.core.paths.PAPER`, and the function that makes it from the release.

    Attributes:
        path: the table's ``.csv`` or ``.parquet`` file.
        compute: makes the table from the release, or raises `Unreachable`. None if the table is not made
            on its own.
        types: the pandas types of columns; pandas finds the types of other columns.
        optional: columns that a table may lack. Their values are then missing.
        by_file: whether the column ``file`` names the released file of each row. If so, the shipped rows
            of files that are missing here are kept.
    """

    path: Path
    compute: Callable[[], pd.DataFrame] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    optional: Collection[str] = ()
    by_file: bool = False

    def read(self, path: Path | None = None) -> pd.DataFrame:
        """The shipped table, or one that was written to another path."""
        path = path or self.path
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
            lacking = dict.fromkeys(set(self.optional) - set(table), pd.NA)
            return table.assign(**lacking).astype(self.types)
        texts = [name for name, kind in self.types.items() if kind == "str"]
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(texts, "str"))
        return table.fillna(dict.fromkeys(texts, "")).astype(self.types)  # an empty text is not missing

    def load(self) -> pd.DataFrame:
        """The table made from the release; the shipped table where the release cannot be had."""
        try:
            return self._rebuilt()
        except Unreachable:
            return self.read()

    def derive(self, path: Path | None = None) -> pd.DataFrame:
        """Rebuild the shipped table in place, or at another path, and return it.

        Where the release cannot be had, raises `Unreachable` and writes nothing.
        """
        table = self._rebuilt()
        self.write(table, path)
        return table

    def write(self, table: pd.DataFrame, path: Path | None = None) -> None:
        """Write a table over the shipped one, or to another path. The file appears whole or not at all."""
        with written_beside(path or self.path) as beside:
            if self.path.suffix == ".parquet":
                table.to_parquet(beside, compression="zstd", index=False)
            else:
                verdicts = dict.fromkeys(table.select_dtypes("boolean"), "Int8")  # written as 0 and 1
                table.astype(verdicts).to_csv(beside, index=False)

    def _rebuilt(self) -> pd.DataFrame:
        found = self.compute()
        return _with_shipped(found, self.read()) if self.by_file else found


def _with_shipped(found: pd.DataFrame, shipped: pd.DataFrame) -> pd.DataFrame:
    """The rows made from the files that are here, and the shipped rows of other files, sorted by file."""
    kept = shipped[~shipped["file"].isin(found["file"])]
    whole = pd.concat([found, kept]) if len(kept) else found
    return whole.sort_values("file", kind="stable", ignore_index=True)
