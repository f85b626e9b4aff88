"""Check a bundle of a Whistle record without Whistle: Python 3.10 or later, nothing to install.

    python3 verify.py BUNDLE.zip [--checkpoint FILE]... [--key KEY] [--unit CODE]

BUNDLE holds events.jsonl, an event a line in the order of the record, and checkpoint.txt. Exit code
0: it proves itself; 7: it does not, and the first event that is wrong is named; 2: not understood.

What is recomputed, from each event's own fields:

  leaf    SHA-256(0x00 || "whistle-leaf/v1" || fields); a field is its length in octets (unsigned,
          32 bits, most significant first) and its octets; an absent one is the length 0xFFFFFFFF
  root    RFC 6962, section 2.1: node = SHA-256(0x01 || left || right)
  order   seq runs from 1 without a gap, recorded_at rises, each stream's versions run from 1
  epochs  one ends where the store was put back to an earlier state; the next has a higher number
          and begins with the event that says so (one on the clock may come before it)
  units   each event names the units it concerns, each with the next number of that unit's own
          record: they run from 1 without a gap, so nothing about a unit can be left out

A bundle can show that it agrees with itself. That it is the record as it was, only something from
elsewhere can show: a checkpoint that somebody kept (--checkpoint), or the public key of who signed
it (--key, `name+id+key`). Take this program, too, from a place that you trust.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FIELDS = (
    "store_id", "epoch", "seq", "stream", "version", "topic", "recorded_at", "received_at",
    "happened_at", "happened_why", "command_id", "command_digest", "actor_unit", "actor_person",
    "actor_role", "behalf_unit", "correlation_id", "causation_seq", "units", "state",
)  # fmt: skip
NUMBERS = {
    "epoch",
    "seq",
    "version",
    "recorded_at",
    "received_at",
    "happened_at",
    "causation_seq",
}
MAY_LACK = {
    "happened_at", "happened_why", "actor_unit", "actor_person", "actor_role", "behalf_unit",
    "correlation_id", "causation_seq", "units",
}  # fmt: skip
STATE, LEAF, END = b'"state":', b',"leaf":"', b'"}'
LEAF_TAIL = len(LEAF) + 64 + len(END)
BROKEN, UNKNOWN = 7, 2
RESTORED, ANOMALY = "store.restored/1", "clock.anomaly/1"


class BrokenError(Exception):
    """The bundle does not prove itself."""

    def __init__(self, reason: str, seq: int | None = None) -> None:
        super().__init__(reason if seq is None else f"event {seq}: {reason}")
        self.seq = seq


class Checkpoint(NamedTuple):
    """The tree after `size` events, as somebody wrote it down."""

    name: str
    origin: str
    size: int
    roots: dict[str, bytes]
    text: bytes
    signatures: list[tuple[str, bytes]]


class Tree:
    """A Merkle tree that keeps the roots of its full subtrees, largest first."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def hash(self, octets: bytes) -> bytes:
        """The tree's own hash."""
        return hashlib.new(self.algorithm, octets).digest()

    def add(self, leaf: bytes) -> None:
        """Take one more leaf, and join subtrees of one height."""
        height, root = 0, leaf
        while self.peaks and self.peaks[-1][0] == height:
            root = self.hash(b"\x01" + self.peaks.pop()[1] + root)
            height += 1
        self.peaks.append((height, root))
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return self.hash(b"")
        root = self.peaks[-1][1]
        for _height, left in reversed(self.peaks[:-1]):
            root = self.hash(b"\x01" + left + root)
        return root


class Record:
    """The events, checked one after the other."""

    def __init__(self) -> None:
        known = [name for name in ("sha256", "sm3") if name in hashlib.algorithms_available]
        self.trees = {name: Tree(name) for name in known}
        self.store_id: str | None = None
        self.epochs: dict[int, int] = {}  # number: the event that begins it
        self.announced = True
        self.size = 0
        self.last_at = -1
        self.versions: dict[str, int] = {}
        self.units: dict[str, int] = {}

    def take(self, line: bytes, unit: str | None) -> bool:
        """Check a line; whether it concerns the unit. BrokenError when anything is wrong."""
        seq = self.size + 1
        event, octets, leaf = read_event(line, seq)
        if hashlib.sha256(octets).hexdigest() != leaf:
            raise BrokenError("it is not the one that was recorded", seq)
        self.check_order(event, seq)
        for tree in self.trees.values():
            tree.add(tree.hash(octets))
        self.size = seq
        return self.check_units(event["units"], seq, unit)

    def roots(self) -> dict[str, bytes]:
        """The root of each tree as it stands."""
        return {name: tree.root() for name, tree in self.trees.items()}

    def check_order(self, event: dict[str, Any], seq: int) -> None:
        """The number, the store, the time and the version follow those before."""
        self.store_id = self.store_id or event["store_id"]
        if event["seq"] != seq:
            raise BrokenError(f"the line says it is event {event['seq']}", seq)
        if event["store_id"] != self.store_id:
            raise BrokenError("it is of another store", seq)
        self.check_epoch(event, seq)
        if event["recorded_at"] <= self.last_at:
            raise BrokenError("it is recorded before the one in front of it", seq)
        self.last_at = event["recorded_at"]
        version = self.versions.get(event["stream"], 0) + 1
        if event["version"] != version:
            raise BrokenError("its stream misses a version", seq)
        self.versions[event["stream"]] = version

    def check_epoch(self, event: dict[str, Any], seq: int) -> None:
        """A new epoch has a higher number, and an event that says how it came to be."""
        epoch = event["epoch"]
        if epoch not in self.epochs:
            if epoch < max(self.epochs, default=0) or not self.announced:
                raise BrokenError("it is of another epoch", seq)
            self.announced = not self.epochs
            self.epochs[epoch] = seq
        elif epoch != max(self.epochs):
            raise BrokenError("it is of an epoch that was over", seq)
        if (event["topic"], event["stream"]) == (RESTORED, "store"):
            state = event["state"]
            told = (state.get("epoch"), state.get("kept")) if isinstance(state, dict) else ()
            if self.announced or told != (epoch, self.epochs[epoch] - 1):
                raise BrokenError("it tells of an epoch that does not begin here", seq)
            self.announced = True
        elif not self.announced and event["topic"] != ANOMALY:
            raise BrokenError(f"epoch {epoch} begins and nothing says why", seq)

    def last_of(self, epoch: int) -> int:
        """The last event of an epoch, as far as this record goes."""
        later = [first - 1 for number, first in self.epochs.items() if number > epoch]
        return min(later, default=self.size)

    def check_units(self, units: str | None, seq: int, wanted: str | None) -> bool:
        """Each unit's own record goes on by one."""
        concerned = False
        for numbered in units.split(";") if units else ():
            unit, _colon, number = numbered.rpartition(":")
            following = self.units.get(unit, 0) + 1
            if number != str(following):
                raise BrokenError(f"the record of {unit} misses number {following}", seq)
            self.units[unit] = following
            concerned = concerned or unit == wanted
        return concerned


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys come once each."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def read_event(line: bytes, seq: int) -> tuple[dict[str, Any], bytes, str]:
    """The event of a line, the octets its leaf is the hash of, and the leaf that it claims."""
    try:
        event = json.loads(line.decode("utf-8"), object_pairs_hook=once)
        tail = line[-LEAF_TAIL:]
        start = line.index(STATE) + len(STATE)
        state = line[start:-LEAF_TAIL]
        if list(event) != [*FIELDS, "leaf"] or tail != LEAF + event["leaf"].encode() + END:
            raise ValueError("it has other fields")
        if json.loads(state.decode("utf-8"), object_pairs_hook=once) != event["state"]:
            raise ValueError("its state is not where it should be")
        octets = b"".join(field(name, event[name]) for name in FIELDS[:-1])
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenError(f"it cannot be read ({error})", seq) from error
    packed = b"\x00whistle-leaf/v1" + octets + len(state).to_bytes(4, "big") + state
    return event, packed, event["leaf"]


def field(name: str, value: Any) -> bytes:
    """One field as the leaf packs it."""
    if value is None and name in MAY_LACK:
        return b"\xff\xff\xff\xff"
    if type(value) is not (int if name in NUMBERS else str):
        raise ValueError(f"{name} is no such value")
    octets = str(value).encode("utf-8")
    return len(octets).to_bytes(4, "big") + octets


def read_checkpoint(name: str, octets: bytes) -> Checkpoint:
    """A C2SP checkpoint: origin, size, root, perhaps `sm3 ROOT`, perhaps signatures."""
    try:
        body, _empty, signed = octets.partition(b"\n\n")
        text = body if not signed else body + b"\n"
        origin, size, root, *more = text.decode("utf-8").rstrip("\n").split("\n")
        roots = {"sha256": base64.b64decode(root, validate=True)}
        for line in more:
            if line.startswith("sm3 "):
                roots["sm3"] = base64.b64decode(line[4:], validate=True)
        signatures = []
        for line in signed.decode("utf-8").split("\n")[:-1]:
            _dash, key_name, key = line.split(" ")
            signatures.append((key_name, base64.b64decode(key, validate=True)))
        if not (size.isascii() and size.isdecimal()):
            raise ValueError("its size is no number")
        return Checkpoint(name, origin, int(size), roots, text, signatures)
    except ValueError as error:
        raise BrokenError(f"{name} is no checkpoint ({error})") from error


# Ed25519 (RFC 8032, section 5.1), to check a signature; slow, and used once a checkpoint

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def added(one: Point, other: Point) -> Point:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """A multiple of a point."""
    total = ZERO
    while number:
        if number & 1:
            total = added(total, point)
        point = added(point, point)
        number >>= 1
    return total


def point_of(octets: bytes) -> Point | None:
    """The point that 32 octets stand for, or None."""
    number = int.from_bytes(octets, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def octets_of(point: Point) -> bytes:
    """The 32 octets of a point."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is good."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, s = point_of(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    minus = (P - key[0], key[1], key[2], P - key[3])
    return octets_of(added(times(s, BASE), times(h, minus))) == signature[:32]


def check_signature(checkpoint: Checkpoint, key: str) -> None:
    """BrokenError unless the checkpoint carries a good signature of this key."""
    name, _plus, rest = key.partition("+")
    try:
        octets = base64.b64decode(rest.partition("+")[2], validate=True)
    except binascii.Error:
        octets = b""
    key_id = hashlib.sha256(name.encode() + b"\n" + octets).digest()[:4]
    if octets[:1] != b"\x01" or rest.partition("+")[0] != key_id.hex():
        raise SystemExit("--key is no public key of the form name+id+key")
    for signer, signature in checkpoint.signatures:
        if (signer, signature[:4]) == (name, key_id):
            if signature_holds(octets[1:], checkpoint.text, signature[4:]):
                return
            break
    raise BrokenError(f"{checkpoint.name} carries no good signature of {name}")


def check_checkpoint(
    checkpoint: Checkpoint,
    roots: dict[int, dict[str, bytes]],
    record: Record,
    key: str | None,
) -> str:
    """What the checkpoint shows; BrokenError when the record is not the one that it saw."""
    epochs = {f"whistle/{record.store_id}/e{epoch}": epoch for epoch in record.epochs}
    if epochs and checkpoint.origin not in epochs:
        raise BrokenError(f"{checkpoint.name} is of {checkpoint.origin}, another store or epoch")
    last = record.last_of(epochs.get(checkpoint.origin, 0))
    if last < checkpoint.size and last < record.size:
        raise BrokenError(
            f"{checkpoint.name} saw {checkpoint.size} events of an epoch that ends at {last}:"
            f" the store was put back, as event {last + 1} says"
        )
    if checkpoint.size > record.size:
        raise BrokenError(
            f"{checkpoint.name} saw {checkpoint.size} events, and the bundle ends here",
            record.size + 1,
        )
    for algorithm, root in roots[checkpoint.size].items():
        if checkpoint.roots.get(algorithm, root) != root:
            raise BrokenError(
                f"the first {checkpoint.size} events are not those that {checkpoint.name} saw"
                f" ({algorithm})"
            )
    if key:
        check_signature(checkpoint, key)
    compared = " and ".join(name for name in roots[checkpoint.size] if name in checkpoint.roots)
    return f"{checkpoint.name}: {checkpoint.size} events, {compared}" + (", signed" if key else "")


def lines_of(bundle: zipfile.ZipFile) -> Iterator[bytes]:
    """The lines of events.jsonl."""
    with bundle.open("events.jsonl") as file:
        for line in file:
            if not line.endswith(b"\n"):
                raise BrokenError("the last line of events.jsonl was cut")
            yield line[:-1]


def verify(bundle: zipfile.ZipFile, asked: argparse.Namespace) -> list[str]:
    """What was found, a line each; BrokenError at the first thing that is wrong."""
    held = [read_checkpoint("checkpoint.txt", bundle.read("checkpoint.txt"))]
    for name in asked.checkpoint:
        held.append(read_checkpoint(name, Path(name).read_bytes()))
    sizes = {each.size for each in held}
    record = Record()
    roots = {0: record.roots()}
    own = []
    for line in lines_of(bundle):
        if record.take(line, asked.unit):
            own.append(record.size)
        if record.size in sizes:
            roots[record.size] = record.roots()
    said = [check_checkpoint(each, roots, record, asked.key) for each in held]
    if not record.announced:
        raise BrokenError("its last epoch begins and nothing says why", record.size)
    said.append(f"ok: all {record.size} events prove themselves")
    if record.size > held[0].size:
        raise BrokenError("the bundle's own checkpoint did not see it", held[0].size + 1)
    if asked.unit is not None and not own:
        said.append(f"{asked.unit}: no event names this unit; is that its code?")
    elif asked.unit is not None:
        said.append(f"{asked.unit}: {len(own)} events, none left out: " + " ".join(map(str, own)))
    if not asked.key and not asked.checkpoint:
        said.append("It agrees with itself; only --checkpoint or --key shows more.")
    return said


def main(words: list[str]) -> int:
    """Check a bundle, say what was found; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("bundle")
    parser.add_argument("--checkpoint", action="append", default=[], help="one held elsewhere")
    parser.add_argument("--key", help="the public key of who signed the checkpoints")
    parser.add_argument("--unit", help="list the events that concern this unit")
    asked = parser.parse_args(words)
    try:
        with zipfile.ZipFile(asked.bundle) as bundle:
            said = verify(bundle, asked)
    except BrokenError as broken:
        sys.stdout.write(f"broken: {broken}\n")
        return BROKEN
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        sys.stdout.write(f"not a bundle that can be read: {error}\n")
        return UNKNOWN
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
