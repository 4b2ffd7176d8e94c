"""Whether a build is for the machine that makes it, or will be published."""

import os

PUBLIC = "TRACELIB_PUBLIC"  # set to anything for a build that will be published


def is_public() -> bool:
    """Whether the build will be published. Then its explorer shows no text of the release."""
    return bool(os.environ.get(PUBLIC))
