"""Whose a store is: one person's, or every account's of a group on the machine."""

import os
from pathlib import Path
from typing import Final

FOLDER: Final = 0o2770  # setgid: what anybody makes in it belongs to the group
STORE: Final = 0o660


def open_beside(path: Path, store: Path) -> int:
    """As `open_with`, with the rights of the store that the file lies beside.

    SQLite does the same for -wal and -shm. Before there is a store the umask says what they are.
    """
    if not store.is_file():
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
    return open_with(path, store.stat().st_mode & 0o777)


def open_with(path: Path, mode: int) -> int:
    """A descriptor for reading and writing a file, made with these rights if need be.

    The umask of the account that makes it does not count: the next one has to write it too.
    """
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
    except FileExistsError:
        return os.open(path, os.O_CREAT | os.O_RDWR, mode)
    os.fchmod(handle, mode)
    return handle


def share_folder(folder: Path, group: int) -> None:
    """A folder whose stores a group shares: made, or its rights widened.

    Raises PermissionError when this account may not do that.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = folder.stat()
    if there.st_gid != group:
        os.chown(folder, -1, group)
    if there.st_mode & FOLDER != FOLDER:
        folder.chmod((there.st_mode & 0o7777) | FOLDER)


def share_file(path: Path, group: int) -> None:
    """A file that its group may write, and nobody else may read."""
    if path.stat().st_gid != group:
        os.chown(path, -1, group)
    path.chmod(STORE)


def shared_group(folder: Path) -> int | None:
    """The group that a folder is shared by already; None when it is no such folder."""
    if not folder.is_dir():
        return None
    there = folder.stat()
    return there.st_gid if there.st_mode & FOLDER == FOLDER else None
