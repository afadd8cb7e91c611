"""The kernel that runs the notebooks: the Python that asks for it, over local sockets instead of ports."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.paths import jupyter_runtime_dir
from traitlets import Unicode, default


class KernelHere(AsyncKernelManager):
    """A manager that starts ``sys.executable`` whatever kernels are installed, with ``transport="ipc"``.

    The sockets lie in Jupyter's runtime folder. By its own default jupyter_client would put them into the working
    directory under one name for all, so that two notebooks at once would talk to each other's kernel.
    """

    transport = Unicode("ipc")

    @default("ip")
    def _in_the_runtime_folder(self) -> str:
        return str(Path(jupyter_runtime_dir()) / "socket")

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return the kernel of this very Python."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")
