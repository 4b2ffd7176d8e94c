"""The kernel for notebooks: this Python, without the user's settings.

Installed kernels are ignored. ``JUPYTER_PATH``, a kernelspec of another environment, a start-up file of
IPython or a style of matplotlib could change results without a message.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from tracelib.core.paths import ROOT

NOT_OURS = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONSTARTUP", "MATPLOTLIBRC")
# The path of a socket may have 104 characters on macOS, and 108 on Linux. A kernel's sockets lie beside its
# connection file, under names that are a few characters longer.
LONGEST = 90
FONTS = ROOT / "work" / ".matplotlib"  # kept, because matplotlib's list of fonts takes seconds to make


class ThisPython(AsyncKernelManager):
    """Starts kernels of ``sys.executable``; each has a private folder of settings, removed at its end."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._folder = TemporaryDirectory(prefix="tracelib-kernel-", ignore_cleanup_errors=True)
        self.connection_file = str(Path(self._folder.name) / "connection.json")
        if len(self.connection_file) < LONGEST:
            self.transport = "ipc"  # another program can take a free port before the kernel binds it

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
    """The environment of a kernel that looks for its settings in the folder `private`."""
    env = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    folders = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    backend = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MPLCONFIGDIR": str(FONTS)}
    return env | dict.fromkeys(folders, str(private)) | backend
