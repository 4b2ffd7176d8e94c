"""``python -m tracelib`` is the ``tracelib`` command."""

import sys

from tracelib.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
