"""The extra of tracelib that a module belongs to, and the command that installs it."""

import re
from importlib.metadata import PackageNotFoundError, requires

# The package of each module that has another name than its package.
PACKAGES = {
    "IPython": "ipykernel",
    "jupyter_client": "ipykernel",
    "markupsafe": "jinja2",
    "myst_nb": "jupyter-book",
    "yaml": "pyyaml",
}
REQUIREMENT = re.compile(r"([\w.-]+)[^;]*(?:;.*\bextra == ['\"](\w+)['\"])?")


def command(module: str) -> str:
    """The command that installs a module: its extra, or the package alone if no extra has it."""
    package = package_of(module)
    known = extras()
    if package not in known:
        return f"pip install {package}"
    extra = known[package]
    return f"pip install '.[{extra}]'" if extra else "pip install ."


def package_of(module: str) -> str:
    """The package of a module, as package indexes spell it."""
    name = module.partition(".")[0]
    return _normal(PACKAGES.get(name, name))


def extras() -> dict[str, str]:
    """Each package that tracelib requires, with its extra ("" for the base). Empty if not installed."""
    try:
        lines = requires("tracelib") or []
    except PackageNotFoundError:
        return {}
    found = (REQUIREMENT.match(line).groups(default="") for line in lines)
    return {_normal(name): extra for name, extra in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
