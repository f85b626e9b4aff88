"""Work done in a forked child, which may be killed on the way: what it made of it comes back."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple


class Fell(RuntimeError):
    """A child ended with a traceback, which is the text of this."""


class Gone(NamedTuple):
    """A child that ended before it could tell."""

    signal: int


def fork(act: Callable[[], Any]) -> int:
    """Do it in a process of its own, whose number is given; a traceback goes to standard error."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        act()
        code = 0
    finally:  # nothing of the parent's is closed, flushed or told twice
        if code:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)


def killed(pid: int) -> bool:
    """Wait for a process; whether it was killed, and did not end by itself."""
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def in_child(work: Callable[[], Any]) -> Any:
    """What the work came to in a process of its own, as JSON has it; Gone if it was killed.

    Raises Fell when it ended with a traceback. Whoever calls this may not have SQLite open: its
    locks do not survive a fork.
    """
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        made = b""
        try:
            made = json.dumps(work()).encode()
        finally:  # nothing of the parent's is closed, flushed or told twice
            os.write(there, made or traceback.format_exc().encode())
            os._exit(0 if made else 1)
    os.close(there)
    with os.fdopen(here, "rb") as told:
        said = told.read()
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return Gone(os.WTERMSIG(status))
    if status:
        raise Fell(said.decode())
    return json.loads(said)
