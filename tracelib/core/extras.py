"""Which extra of tracelib a module comes with, and the line that installs it."""

import re
from importlib.metadata import PackageNotFoundError, requires

# Modules whose package has another name, or that come with another package.
PACKAGES = {
    "IPython": "ipykernel",
    "jupyter_client": "ipykernel",
    "markupsafe": "jinja2",
    "myst_nb": "jupyter-book",
    "yaml": "pyyaml",
}
REQUIREMENT = re.compile(r"([\w.-]+)[^;]*(?:;.*\bextra == ['\"](\w+)['\"])?")


def command(module: str) -> str:
    """The line that installs a module: alone, where no extra has it."""
    package = package_of(module)
    known = extras()
    if package not in known:
        return f"pip install {package}"
    extra = known[package]
    return f"pip install '.[{extra}]'" if extra else "pip install ."


def package_of(module: str) -> str:
    """The package that a module comes with, as package indexes spell it."""
    name = module.partition(".")[0]
    return _normal(PACKAGES.get(name, name))


def extras() -> dict[str, str]:
    """The extra of each package that tracelib asks for, empty for the base; none if it is not installed."""
    try:
        lines = requires("tracelib") or []
    except PackageNotFoundError:
        return {}
    found = (REQUIREMENT.match(line).groups(default="") for line in lines)
    return {_normal(name): extra for name, extra in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
