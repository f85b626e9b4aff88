"""The guards of the log, each taken off on purpose: a suite that does not notice is no suite."""

import os
from unittest.mock import patch

from projections import file
from whistle.log.reader import SQLReader

_early = False


def break_(guard: str) -> None:
    """Take a guard off in this process and its children; `on` leaves all of them."""
    global _early
    match guard:
        case "on":
            pass
        case "reply":  # the look-up by which a repeat gets the first reply
            patch.object(SQLReader, "reply_of", lambda _self, _command_id: None).start()
        case "early":  # a number is told when its order is obeyed
            _early = True
        case "apart":  # the transaction that holds a view's rows and its position together
            patch.object(file, "_begun", lambda _tx: None).start()
        case _:
            raise ValueError(guard)


def told_too_early(there: int) -> None:
    """Tell numbers that no reply has named yet, if that is what is broken."""
    if _early:
        os.write(there, b"1,2\n")
