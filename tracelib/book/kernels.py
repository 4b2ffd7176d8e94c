"""The kernel that notebooks run in: the Python that executes them, and no settings of its user's.

Which kernels are installed, and where, is asked of nobody. ``JUPYTER_PATH``, a kernelspec of another
environment, a start-up file of IPython or a style of matplotlib would change results, and say nothing.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from tracelib.core.paths import ROOT

NOT_OURS = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONSTARTUP", "MATPLOTLIBRC")
FONTS = ROOT / "work" / ".matplotlib"  # its list of fonts takes seconds to make, so it is kept


class ThisPython(AsyncKernelManager):
    """Starts kernels of ``sys.executable``, whose settings are in a folder that goes with them."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._folder = TemporaryDirectory(prefix="tracelib-kernel-", ignore_cleanup_errors=True)
        self.connection_file = str(Path(self._folder.name) / "connection.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3 (ipykernel)", language="python")

    async def start_kernel(self, **options) -> None:
        await super().start_kernel(**options, env=environment(Path(self._folder.name)))

    async def cleanup_resources(self, restart: bool = False) -> None:
        await super().cleanup_resources(restart)
        if not restart:
            self._folder.cleanup()


def environment(private: Path) -> dict[str, str]:
    """The environment of a kernel whose settings are to be looked for in `private`."""
    env = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    folders = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    backend = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MPLCONFIGDIR": str(FONTS)}
    return env | dict.fromkeys(folders, str(private)) | backend
