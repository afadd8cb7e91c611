"""A finished study as one archive: what was found, what it was made with and by, and a hash of each file.

The archive is an RO-Crate 1.2 (https://w3id.org/ro/crate/1.2) that describes one run of a workflow after the profile
Workflow Run Crate 0.5. The same results give the same bytes. ``verify`` holds an archive against its own hashes.
"""

from whylstm.release.archive import pack
from whylstm.release.verify import verify

__all__ = ["pack", "verify"]
