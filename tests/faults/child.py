"""Work done in a forked child, which may be killed on the way: what it made of it comes back."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple


class Gone(NamedTuple):
    """A child that ended before it could tell."""

    signal: int


def in_child(work: Callable[[], Any]) -> Any:
    """What the work came to in a process of its own, as JSON has it; Gone if it was killed.

    Whoever calls this may not have SQLite open: its locks do not survive a fork.
    """
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        code = 1
        try:
            os.write(there, json.dumps(work()).encode())
            code = 0
        finally:
            if code:
                traceback.print_exc()
                sys.stderr.flush()
            os._exit(code)
    os.close(there)
    with os.fdopen(here, "rb") as told:
        said = told.read()
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return Gone(os.WTERMSIG(status))
    if status:
        raise RuntimeError("the child fell over: its traceback stands above")
    return json.loads(said)
