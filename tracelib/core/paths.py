"""Paths of the checkout, the package, and the tables and weights that ship with it."""

from pathlib import Path

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parent  # the checkout, unless the package is installed elsewhere
LOOKS = ROOT / "docs" / "looks.csv"  # a table that the appendix on the tiny grid shows
TEMPLATES = PACKAGE / "reporting" / "templates"  # of pages
ASSETS = PACKAGE / "assets"
PAPER = ASSETS / "paper"  # tables about the published release
GRID = ASSETS / "grid"  # tables of the larger grids, one folder per profile
TINY_BASE = ASSETS / "tiny-base"
STANDARD_INPUT = Path("-")  # as a command line names it
