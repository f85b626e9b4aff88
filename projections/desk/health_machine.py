"""How the machine and its programs are, store or no store."""

import importlib.metadata
import importlib.util
import locale
import platform
import sqlite3
import sys
from collections.abc import Iterator

from projections.desk.desk import Desk
from projections.desk.findings import Finding, look, ok
from projections.desk.recorders import SELF_DECLARED, identities
from projections.desk.words import say
from whistle import __version__
from whistle.domain.refusal import _
from whistle.log.tree import sm3

SHOWN = ("utf-8", "utf8", "gb18030", "gbk", "cp936")
PARTS = ("eventsourcing", "msgspec", "click", "sqlalchemy", "psycopg")


def findings(desk: Desk) -> Iterator[Finding]:
    """A line each."""
    yield ok("identities", identities(), identities=SELF_DECLARED)
    yield _hashes()
    yield _terminal(desk)
    yield _versions()


def _hashes() -> Finding:
    signs = importlib.util.find_spec("cryptography") is not None
    figures = {"sha256": True, "sm3": sm3() is not None, "ed25519": signs}
    if not figures["sm3"]:
        says = say(_("SHA-256; this machine's OpenSSL has no SM3, checkpoints go without"))
        return look("hashes", says, say(_("use an OpenSSL with SM3 (1.1.1 or later)")), **figures)
    if not signs:
        return ok("hashes", say(_("SHA-256 and SM3; checkpoints are unsigned here")), **figures)
    return ok("hashes", say(_("SHA-256, SM3, signatures by Ed25519")), **figures)


def _terminal(desk: Desk) -> Finding:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    zone = str(desk.zone)
    figures = {"encoding": encoding, "locale": locale.setlocale(locale.LC_CTYPE), "zone": zone}
    says = say(_("{encoding}; times are told at {zone}"), encoding=encoding, zone=zone)
    if encoding.replace("_", "-") in SHOWN:
        return ok("terminal", says, **figures)
    return look("terminal", says, say(_("to see Chinese: export LANG=C.UTF-8")), **figures)


def _versions() -> Finding:
    found = {"whistle": __version__, "python": platform.python_version(),
             "sqlite": sqlite3.sqlite_version}  # fmt: skip
    for name in PARTS:
        if importlib.util.find_spec(name) is not None:
            found[name] = importlib.metadata.version(name)
    return ok("versions", " · ".join(f"{name} {number}" for name, number in found.items()), **found)
