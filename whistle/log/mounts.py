"""Where a file lies: a disk of this machine, or another machine's over the network.

SQLite's WAL keeps an index in memory that all its users share, so that they must be on one machine
(sqlite.org/wal.html), and locks over NFS or SMB are not to be relied on.
"""

import re
from pathlib import Path
from typing import Final

from whistle.domain.refusal import Refused, _

MOUNTS = Path("/proc/self/mountinfo")  # proc(5); other systems than Linux do not tell
NETWORK: Final = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "gfs2",
        "ocfs2", "9p", "drvfs", "vboxsf", "vmhgfs", "davfs", "fuse.sshfs", "fuse.glusterfs",
        "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.davfs2", "fuse.vmhgfs-fuse",
    }
)  # fmt: skip
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


def check_local(path: Path) -> None:
    """Refused when a path lies on a network file system, as far as the system tells."""
    kind = file_system(path)
    if kind in NETWORK:
        raise Refused(
            _("{path} lies on a network file system ({system}); no store is safe there."),
            rule="store.network",
            hint=_("choose a folder on a disk of this machine"),
            path=str(path),
            system=kind,
        )


def file_system(path: Path) -> str:
    """The kind of file system that a path lies on, or would lie on; "" when nobody tells."""
    try:
        table = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    real = path.resolve()
    found, depth = "", -1
    for line in table.splitlines():
        before, _dash, after = line.partition(" - ")
        mounted = Path(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        if real.is_relative_to(mounted) and len(mounted.parts) >= depth:  # a later one covers it
            found, depth = after.split()[0], len(mounted.parts)
    return found
