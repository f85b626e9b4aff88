"""A disk with a cache, whose power may be cut: what may lie on it then, as recorded calls allow.

What was written to a file is on the disk for certain when the file was synced afterwards, a name
when its folder was; of everything later any part may be there and any other not, a write also in
part, by sectors. Names come and go in the order in which they were changed, as journals keep it.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECTOR = 512


class Write(NamedTuple):
    """A change of a file: bytes at an offset, or (without any) a new length."""

    offset: int
    content: bytes | None


class File:
    """A file: what is on the disk for certain, and what was written since, in order."""

    def __init__(self) -> None:
        self.certain = bytearray()
        self.since: list[Write] = []

    def sync(self) -> None:
        """Everything of it is on the disk."""
        for write in self.since:
            apply(self.certain, write)
        self.since.clear()

    def kept(self, chance: random.Random, share: float) -> bytes:
        """What a power cut might leave of it: each sector written since is there by chance."""
        if not self.since:
            return bytes(self.certain)
        left = bytearray(self.certain)
        for write in self.since:
            for part in sectors(write):
                if chance.random() < share:
                    apply(left, part)
        return bytes(left)


def apply(content: bytearray, write: Write) -> None:
    """Do a write to a file's bytes."""
    if write.content is None:
        content[write.offset :] = bytes(max(write.offset - len(content), 0))
        return
    content.extend(bytes(max(write.offset - len(content), 0)))
    content[write.offset : write.offset + len(write.content)] = write.content


def sectors(write: Write) -> Iterator[Write]:
    """The parts of a write that are done or not done as one."""
    if write.content is None:
        yield write
        return
    start, end = write.offset, write.offset + len(write.content)
    while start < end:
        stop = min(start - start % SECTOR + SECTOR, end)
        yield Write(start, write.content[start - write.offset : stop - write.offset])
        start = stop


class Disk:
    """A folder: its files by name, and the names that were changed since it was synced."""

    def __init__(self) -> None:
        self._certain: dict[str, File] = {}
        self._since: list[tuple[str, File | None]] = []
        self._now: dict[str, File] = {}

    def do(self, name: str, path: str, offset: int, content: bytes, other: str) -> None:
        """Take a recorded call."""
        match name:
            case "create":
                self._set(path, File())
            case "unlink" if path in self._now:
                self._set(path, None)
            case "rename":
                file = self._now[path]
                self._set(other, file)
                self._set(path, None)
            case "pwrite":
                self._now[path].since.append(Write(offset, content))
            case "ftruncate":
                self._now[path].since.append(Write(offset, None))
            case "sync":
                self._now[path].sync()
            case "syncdir":
                self._certain = dict(self._now)
                self._since.clear()

    def _set(self, path: str, file: File | None) -> None:
        self._since.append((path, file))
        _name(self._now, path, file)

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Lay into an empty folder what a power cut at this moment might leave."""
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        names = dict(self._certain)
        for path, file in self._since[: chance.randint(0, len(self._since))]:
            _name(names, path, file)
        for path, file in names.items():
            (folder / path).write_bytes(file.kept(chance, share))


def _name(names: dict[str, File], path: str, file: File | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file
