"""Every call upon the file system that a process makes for its store: seen, recorded, failed.

SQLite lets its system calls be replaced (xSetSystemCall, made for its own tests); fsync is not
among them, so the table of methods of each file it opens is replaced by a copy with our xSync.
Python tells of its own calls by audit events, and a hook that raises has the call fail. It needs
no root, no ptrace and no compiler, and a fork is all that a case costs; that it misses nothing is
shown by strace (test_kernel.py).
"""

import _sqlite3
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any, NamedTuple

SQLITE_IOERR_FSYNC = 1034
WRITING = frozenset(
    {"create", "pwrite", "ftruncate", "sync", "unlink", "rename", "mkdir", "fchmod"}
)
"""What changes the disk; the others only look, or lock."""


class Call(NamedTuple):
    """One call upon a file of the store's folder, as it is about to be made."""

    name: str
    path: str
    offset: int = 0
    content: bytes = b""
    other: str = ""  # where a rename leads


class Fault(NamedTuple):
    """How a call fails: an errno, or 0 for SIGKILL; a write may be done up to some byte first."""

    errno: int
    upto: int = 0


Heed = Callable[[Call], Fault | None]
"""What is asked before each call; None lets it be done."""


class Unreplaceable(RuntimeError):
    """This Python's SQLite cannot be reached from outside (it may be linked in, and hidden)."""


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", c_void_p),
        *((f"unused{i}", c_void_p) for i in range(12)),
        ("xSetSystemCall", c_void_p),
        ("xGetSystemCall", c_void_p),
    ]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("iVersion", c_int),
        *((name, c_void_p) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync")),
        *((f"rest{i}", c_void_p) for i in range(13)),
    ]


class _File(ctypes.Structure):
    _fields_ = [("pMethods", POINTER(_Methods))]


_XOPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_XSYNC = CFUNCTYPE(c_int, POINTER(_File), c_int)
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "open": (c_int, c_char_p, c_int, c_int),
    "close": (c_int, c_int),
    "access": (c_int, c_char_p, c_int),
    "stat": (c_int, c_char_p, c_void_p),
    "fstat": (c_int, c_int, c_void_p),
    "ftruncate": (c_int, c_int, c_int64),
    "fcntl": (c_int, c_int, c_int, c_void_p),
    "read": (c_int64, c_int, c_void_p, c_size_t),
    "pread64": (c_int64, c_int, c_void_p, c_size_t, c_int64),
    "pwrite64": (c_int64, c_int, c_void_p, c_size_t, c_int64),
    "fchmod": (c_int, c_int, c_int),
    "unlink": (c_int, c_char_p),
    "openDirectory": (c_int, c_char_p, c_void_p),
    "mmap": (c_void_p, c_void_p, c_size_t, c_int, c_int, c_int, c_int64),
}
_AUDITED = {"os.remove": "unlink", "os.rename": "rename", "os.mkdir": "mkdir", "os.chmod": "fchmod"}


class Tap:
    """The calls of this process from now on; there is no way back, so let a child set it."""

    def __init__(self, folder: Path, heed: Heed) -> None:
        self.heed = heed
        self._folder = f"{folder}{os.sep}"
        self._paths: dict[int, str] = {}
        self._real: dict[str, Any] = {}
        self._kept: list[Any] = []  # ctypes frees what nobody holds
        self._tables: dict[int, Any] = {}
        self._names: dict[int, str] = {}
        self._replace()
        sys.addaudithook(self._heard)

    def _replace(self) -> None:
        library = ctypes.CDLL(_sqlite3.__file__)
        try:
            find = library.sqlite3_vfs_find
        except AttributeError as error:
            raise Unreplaceable(_sqlite3.__file__) from error
        find.restype = POINTER(_Vfs)
        vfs = find(None)
        get = CFUNCTYPE(c_void_p, c_void_p, c_char_p)(vfs.contents.xGetSystemCall)
        put = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)(vfs.contents.xSetSystemCall)
        for name, types in _PROTOTYPES.items():
            prototype = CFUNCTYPE(*types, use_errno=True)
            here = ctypes.cast(vfs, c_void_p)
            self._real[name] = prototype(get(here, name.encode()))
            mine = prototype(getattr(self, f"_{name}"))
            self._kept.append(mine)
            if put(here, name.encode(), ctypes.cast(mine, c_void_p)):
                raise Unreplaceable(name)
        self._real["xOpen"] = _XOPEN(vfs.contents.xOpen)
        opening = _XOPEN(self._x_open)
        self._kept.append(opening)
        vfs.contents.xOpen = ctypes.cast(opening, c_void_p)

    def _asked(self, call: Call) -> Fault | None:
        return self.heed(call) if call.path.startswith(self._folder) else None

    def _stands(self, call: Call) -> bool:
        """Whether a call may be made; else the errno is set, or this is the end."""
        fault = self._asked(call)
        if fault is None:
            return True
        _die_or(fault)
        ctypes.set_errno(fault.errno)
        return False

    def _path(self, handle: int) -> str:
        return self._paths.get(handle, "")

    def _open(self, path: bytes, flags: int, mode: int) -> int:
        name = os.fsdecode(path)
        made = flags & os.O_CREAT and not Path(name).exists()
        if not self._stands(Call("create" if made else "open", name)):
            return -1
        handle = int(self._real["open"](path, flags, mode))
        if handle >= 0:
            self._paths[handle] = name
        return handle

    def _close(self, handle: int) -> int:
        self._paths.pop(handle, None)
        return int(self._real["close"](handle))

    def _access(self, path: bytes, how: int) -> int:
        return int(self._real["access"](path, how))

    def _stat(self, path: bytes, into: int) -> int:
        fine = self._stands(Call("stat", os.fsdecode(path)))
        return int(self._real["stat"](path, into)) if fine else -1

    def _fstat(self, handle: int, into: int) -> int:
        fine = self._stands(Call("fstat", self._path(handle)))
        return int(self._real["fstat"](handle, into)) if fine else -1

    def _ftruncate(self, handle: int, size: int) -> int:
        fine = self._stands(Call("ftruncate", self._path(handle), size))
        return int(self._real["ftruncate"](handle, size)) if fine else -1

    def _fcntl(self, handle: int, what: int, more: int) -> int:
        fine = self._stands(Call("lock", self._path(handle)))
        return int(self._real["fcntl"](handle, what, more)) if fine else -1

    def _read(self, handle: int, into: int, size: int) -> int:
        fine = self._stands(Call("read", self._path(handle)))
        return int(self._real["read"](handle, into, size)) if fine else -1

    def _pread64(self, handle: int, into: int, size: int, offset: int) -> int:
        fine = self._stands(Call("read", self._path(handle), offset))
        return int(self._real["pread64"](handle, into, size, offset)) if fine else -1

    def _pwrite64(self, handle: int, start: int, size: int, offset: int) -> int:
        call = Call("pwrite", self._path(handle), offset, ctypes.string_at(start, size))
        fault = self._asked(call)
        if fault is None:
            return int(self._real["pwrite64"](handle, start, size, offset))
        if fault.upto:
            done = int(self._real["pwrite64"](handle, start, fault.upto, offset))
            _die_or(fault)
            return done
        _die_or(fault)
        ctypes.set_errno(fault.errno)
        return -1

    def _fchmod(self, handle: int, mode: int) -> int:
        fine = self._stands(Call("fchmod", self._path(handle)))
        return int(self._real["fchmod"](handle, mode)) if fine else -1

    def _unlink(self, path: bytes) -> int:
        fine = self._stands(Call("unlink", os.fsdecode(path)))
        return int(self._real["unlink"](path)) if fine else -1

    def _openDirectory(self, path: bytes, into: int) -> int:  # noqa: N802 - SQLite's own name
        name = os.path.join(Path(os.fsdecode(path)).parent, "")  # noqa: PTH118 - keeps the slash
        fault = self._asked(Call("syncdir", name))
        if fault is not None:
            _die_or(fault)
            return 14  # SQLITE_CANTOPEN
        return int(self._real["openDirectory"](path, into))

    def _mmap(self, at: int, size: int, how: int, flags: int, handle: int, offset: int) -> Any:
        if not self._stands(Call("mmap", self._path(handle))):
            return c_void_p(-1).value
        return self._real["mmap"](at, size, how, flags, handle, offset)

    def _x_open(self, vfs: int, name: int, file: Any, flags: int, into: int) -> int:
        code = int(self._real["xOpen"](vfs, name, file, flags, into))
        if code == 0 and name and file.contents.pMethods:
            self._names[ctypes.addressof(file.contents)] = os.fsdecode(ctypes.string_at(name))
            file.contents.pMethods = self._with_our_sync(file.contents.pMethods)
        return code

    def _with_our_sync(self, methods: Any) -> Any:
        where = ctypes.addressof(methods.contents)
        if where not in self._tables:
            copy = _Methods.from_buffer_copy(methods.contents)
            real = _XSYNC(copy.xSync)

            def sync(file: Any, flags: int) -> int:
                name = self._names.get(ctypes.addressof(file.contents), "")
                fault = self._asked(Call("sync", name))
                if fault is not None:
                    _die_or(fault)
                    return SQLITE_IOERR_FSYNC
                return int(real(file, flags))

            mine = _XSYNC(sync)
            copy.xSync = ctypes.cast(mine, c_void_p)
            self._kept += [mine, real, copy]
            self._tables[where] = ctypes.pointer(copy)
        return self._tables[where]

    def _heard(self, event: str, words: tuple[Any, ...]) -> None:
        """Take what Python tells of its own calls."""
        call = None
        if event == "open" and isinstance(words[0], str | bytes | Path):
            name, flags = os.fsdecode(words[0]), int(words[2])
            path = str(Path(name).absolute())
            if flags & os.O_DIRECTORY:  # a folder is opened to be synced, and for nothing else
                call = Call("syncdir", os.path.join(path, ""))  # noqa: PTH118 - keeps the slash
            else:
                made = flags & os.O_CREAT and not Path(name).exists()
                call = Call("create" if made else "open", path)
        elif event == "fcntl.flock":
            call = Call("lock", str(Path(f"/proc/self/fd/{words[0]}").readlink()))
        elif event in _AUDITED:
            where = words[0]
            name = f"/proc/self/fd/{where}" if isinstance(where, int) else os.fsdecode(where)
            name = str(Path(name).readlink()) if isinstance(where, int) else name
            other = os.fsdecode(words[1]) if event == "os.rename" else ""
            call = Call(_AUDITED[event], name, other=other)
        if call is not None and (fault := self._asked(call)) is not None:
            _die_or(fault)
            raise OSError(fault.errno, os.strerror(fault.errno), call.path)


def _die_or(fault: Fault) -> None:
    if fault.errno == 0:
        os.kill(os.getpid(), signal.SIGKILL)
