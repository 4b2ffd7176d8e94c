"""Whether a build will be published, and the address of the repository that its pages point at."""

import os
import re

from tracelib.core.errors import InputError

PUBLIC = "TRACELIB_PUBLIC"  # set to anything for a build that will be published
REPOSITORY = "TRACELIB_REPOSITORY"  # the address of the project on GitHub, for the buttons of the pages
ADDRESS = re.compile(r"(https://github\.com/[\w.-]+/[\w.-]+?)(?:\.git)?(?:/tree/([\w./-]+?))?/?")
BRANCH = "main"  # unless the address names another


def is_public() -> bool:
    """Whether the build will be published. Then its explorer shows no text of the release."""
    return bool(os.environ.get(PUBLIC))


def buttons() -> dict:
    """The theme's options for the buttons to Binder and Colab; none without an address.

    `InputError` if the address is not one of a repository on GitHub, with or without a branch.
    """
    address = os.environ.get(REPOSITORY, "")
    if not address:
        return {}
    found = ADDRESS.fullmatch(address)
    if not found:
        expected = "expected https://github.com/OWNER/NAME, or that with /tree/BRANCH"
        raise InputError(f"{expected}, found {address!r}", REPOSITORY)
    services = {"binderhub_url": "https://mybinder.org", "colab_url": "https://colab.research.google.com"}
    return {
        "repository_url": found[1],
        "repository_branch": found[2] or BRANCH,
        "launch_buttons": {"notebook_interface": "jupyterlab", **services},
    }
