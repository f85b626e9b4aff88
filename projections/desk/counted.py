"""What the views and the ledger count, as it is told to people."""

from collections.abc import Mapping

from whistle.domain.refusal import _

COUNTED: Mapping[str, str] = {
    "incidents": _("incidents"),
    "imported_incidents": _("imported incidents"),
    "whistles": _("whistles"),
    "imported_whistles": _("imported whistles"),
    "calls": _("calls"),
    "imported_calls": _("imported calls"),
    "imported_unwhistled": _("imported lines without a whistle"),
    "by_channel": _("by channel"),
    "by_stage": _("by stage"),
    "by_way": _("by way"),
    "turned_away": _("turned away"),
    "merged": _("merged into others"),
    "withdrawn_whistles": _("withdrawn whistles"),
    "withdrawn_calls": _("withdrawn calls"),
    "scheduled": _("set for later"),
    "called_off": _("withdrawn before they sounded"),
    "needs": _("calls for more"),
    "town_unconfirmed": _("not confirmed in time by the town"),
    "town_contested": _("approvals the leader contests"),
    "turned_down": _("not approved"),
    "waiting_for_approval": _("waiting for approval"),
    "answered": _("answered"),
    "on_scene": _("reported in"),
    "finished": _("finished"),
    "ended": _("ended"),
    "warnings": _("warnings"),
    "overdue": _("overdue"),
    "yellow": _("yellow notices"),
    "red": _("red notices"),
    "voided": _("voided"),
    "declined": _("declined"),
    "left_early": _("left early"),
    "reworks": _("rework"),
    "assembled": _("assembled"),
    "units": _("units"),
}

ODD: Mapping[str, str] = {
    "missing_ack": _("without acknowledgement"),
    "missing_arrival": _("without arrival"),
    "missing_finish": _("without finish"),
    "arrival_without_ack": _("arrived without acknowledgement"),
    "arrived_before_ack": _("arrived before the acknowledgement"),
    "arrived_before_whistle": _("arrived before the whistle"),
    "finished_before_arrival": _("finished before the arrival"),
    "finished_before_whistle": _("finished before the whistle"),
    "overlapping_assignments": _("whistled again before it had finished"),
    "same_instant_whistle_and_ack": _("acknowledged in the instant of the whistle"),
    "same_instant_ack_and_arrival": _("arrived in the instant of the acknowledgement"),
}
"""What `assess quality` finds odd, as it is told to people."""
