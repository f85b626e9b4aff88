"""What the views count, as it is told to people."""

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
