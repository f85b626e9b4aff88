"""The leaf and the root once more, written from the design's text and from RFC 6962 alone.

Nothing here comes from the product, so an equal result says something. `python independent_leaf.py`
prints the golden vector; what is committed as tests/data/leaf/golden.json was printed once and
is compared with the product's own leaves by test_leaf.py.

The leaf (docs/decisions/0005): SHA-256 over the octet 0x00, the text "whistle-leaf/v1" and twenty
fields, each led by its length in octets as an unsigned 32-bit number, most significant octet
first; an absent field is the length 0xFFFFFFFF and nothing else. Numbers are ASCII decimals.

The root (RFC 6962 section 2.1): MTH({}) = SHA-256(); MTH({d}) = the leaf; for n > 1 leaves, with k
the largest power of two smaller than n, MTH = SHA-256(0x01 || MTH(first k) || MTH(the rest)).
"""

import hashlib
import json
import struct
import sys
from typing import Any

ORDER = [
    "store_id",
    "epoch",
    "seq",
    "stream",
    "version",
    "topic",
    "recorded_at",
    "received_at",
    "happened_at",
    "happened_why",
    "command_id",
    "command_digest",
    "actor_unit",
    "actor_person",
    "actor_role",
    "behalf_unit",
    "correlation_id",
    "causation_seq",
    "units",
    "state",
]


def leaf_of(event: dict[str, Any]) -> bytes:
    """The leaf of an event whose fields are texts, numbers or null."""
    digest = hashlib.sha256()
    digest.update(bytes([0]))
    digest.update("whistle-leaf/v1".encode("ascii"))
    for name in ORDER:
        value = event[name]
        if value is None:
            digest.update(bytes([255, 255, 255, 255]))
        else:
            octets = str(value).encode("utf-8")
            digest.update(struct.pack(">I", len(octets)))
            digest.update(octets)
    return digest.digest()


def root_of(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, by its own recursion."""
    count = len(leaves)
    if count == 0:
        return hashlib.sha256(b"").digest()
    if count == 1:
        return leaves[0]
    k = 1
    while k * 2 < count:
        k *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


FIRST: dict[str, Any] = {
    "store_id": "0f4e3c1a-9d57-4f0e-8a43-6f2b7a1c5d90",
    "epoch": 1,
    "seq": 1,
    "stream": "rulebook",
    "version": 1,
    "topic": "rulebook.town_founded/1",
    "recorded_at": 1792026000000001,
    "received_at": 1792026000000000,
    "happened_at": None,
    "happened_why": None,
    "command_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "command_digest": "ab" * 32,
    "actor_unit": None,
    "actor_person": None,
    "actor_role": None,
    "behalf_unit": None,
    "correlation_id": None,
    "causation_seq": None,
    "units": None,
    "state": '{"name":"泽安镇","code":"WY","at":1792026000000000}',
}
CHANGES: list[dict[str, Any]] = [
    {},
    {"topic": "whistle.arrived/1", "stream": "0a1b2c3d4e5f60718293a4b5", "units": "jj:1"},
    {"actor_unit": "jj", "actor_person": "王警官", "actor_role": "officer", "units": "jj:2;xf:1"},
    {"behalf_unit": "jj", "happened_at": 1792025940000000, "happened_why": "现场无信号，电话告知"},
    {"happened_why": "", "actor_unit": "", "actor_person": "", "units": "", "state": ""},
    {"correlation_id": "b5a493827160f5e4d3c2b1a0", "causation_seq": 5, "state": "{}"},
    {"happened_at": 0, "causation_seq": 0, "epoch": 2, "received_at": -1},
    {"state": '{"note":"草桥路12号燃气泄漏，𠮷祥里","at":1}', "correlation_id": "é\u0301\u200b"},
    {"state": '{"note":"' + "长" * 300 + '"}', "recorded_at": 9_007_199_254_740_993},
]


def vector() -> dict[str, Any]:
    """Nine events, their leaves, and the root after none, one, two ... nine of them."""
    events = []
    for place, change in enumerate(CHANGES):
        event = {**FIRST, "seq": place + 1, "version": place + 1}
        event["recorded_at"] += place
        events.append({**event, **change})
    leaves = [leaf_of(event) for event in events]
    return {
        "events": events,
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [root_of(leaves[:count]).hex() for count in range(len(leaves) + 1)],
    }


if __name__ == "__main__":
    json.dump(vector(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
