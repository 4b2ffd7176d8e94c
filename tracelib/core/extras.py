"""The extra of tracelib that a module belongs to, and the command that installs it."""

import re
from importlib.metadata import PackageNotFoundError, requires

# The package of each module that has another name than its package.
PACKAGES = {
    "IPython": "ipykernel",
    "bs4": "beautifulsoup4",
    "jupyter_client": "ipykernel",
    "markupsafe": "jinja2",
    "myst_nb": "jupyter-book",
    "starlette": "fastapi",
    "yaml": "pyyaml",
}
REQUIREMENT = re.compile(r"([\w.-]+)[^;]*(?:;.*\bextra == ['\"](\w+)['\"])?")


def command(module: str) -> str:
    """The command that installs a module: the extras that have it, or the package alone if none has."""
    package = package_of(module)
    known = extras()
    if package not in known:
        return f"pip install {package}"
    if "" in known[package]:
        return "pip install ."
    return " or ".join(f"pip install '.[{extra}]'" for extra in known[package])


def package_of(module: str) -> str:
    """The package of a module, as package indexes spell it."""
    name = module.partition(".")[0]
    return _normal(PACKAGES.get(name, name))


def extras() -> dict[str, list[str]]:
    """Each package that tracelib requires, with its extras ("" for the base). Empty if not installed."""
    try:
        lines = requires("tracelib") or []
    except PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in lines:
        name, extra = REQUIREMENT.match(line).groups(default="")
        found.setdefault(_normal(name), []).append(extra)
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
