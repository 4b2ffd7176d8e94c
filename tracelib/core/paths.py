"""Paths of the checkout, the package, and the tables and weights that ship with it."""

from pathlib import Path

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parent  # the checkout, unless the package is installed elsewhere
LOOKS = ROOT / "docs" / "looks.csv"  # a table that the appendix on the tiny grid shows
TEMPLATES = PACKAGE / "reporting" / "templates"  # of pages
STUDY_FILES = PACKAGE / "study" / "files"  # of the human study: studies, templates, styles
ASSETS = PACKAGE / "assets"
PAPER = ASSETS / "paper"  # tables about the published release
NATURAL = ASSETS / "natural"  # tables about natural traces
GRID = ASSETS / "grid"  # tables of the larger grids, one folder per profile
TINY_BASE = ASSETS / "tiny-base"
STANDARD_INPUT = Path("-")  # as a command line names it
