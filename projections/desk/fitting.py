"""At which stages a verb takes an incident or a call: one table for the verbs and for Tab."""

from collections.abc import Mapping

FITTING: Mapping[str, tuple[str, ...]] = {
    "accept": ("reported",),
    "refuse": ("reported",),
    "blow": ("accepted",),
    "handle": ("accepted",),
    "transfer": ("accepted",),
    "approve": ("accepted", "in_hand"),  # where a whistle of it may wait for the leader's word
    "verify": ("in_hand",),
    "callback": ("verified", "called_back"),
    "close": ("verified", "called_back"),
    "reopen": ("closed",),
    "ack": ("called",),
    "depart": ("called", "acknowledged"),
    "arrive": ("called", "acknowledged", "on_way"),
    "act": ("on_scene",),
    "need": ("on_scene",),
    "finish": ("on_scene",),
    "leave": ("on_scene", "finished"),
    "decline": ("called", "acknowledged", "on_way", "on_scene"),
    "rate": ("finished", "released", "declined"),
}
"""With nothing named, a verb takes the only one at these stages; a verb that is not here, any."""
