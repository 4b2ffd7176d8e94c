"""``python -m tracelib`` is the ``tracelib`` command."""

import sys

from tracelib.cli import main

if __name__ == "__main__":
    sys.exit(main())
