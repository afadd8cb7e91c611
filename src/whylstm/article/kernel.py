"""The kernel that runs the notebooks: the Python that asks for it, over local sockets instead of ports."""

from __future__ import annotations

import sys

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from traitlets import Unicode


class KernelHere(AsyncKernelManager):
    """A manager that starts ``sys.executable`` whatever kernels are installed, with ``transport="ipc"``."""

    transport = Unicode("ipc")

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return the kernel of this very Python."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")
