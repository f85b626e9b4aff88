"""Words in the user's language: gettext for sentences, tables for what the record says in code.

English is the source; `whistle/locale` has the catalogues. Nothing here is stored.
"""

import gettext
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import whistle
from projections.desk.signs import folded as folded
from projections.desk.signs import plain as plain
from whistle.domain.refusal import WhistleError, _

LANGUAGES = {"zh": "zh_CN", "en": "en"}
DOMAIN = "whistle"
LOCALE = str(Path(whistle.__file__).parent / "locale")

_spoken: dict[str, Callable[[str], str]] = {"say": str}
"""How a text is said in this run; the module's own `gettext` would look for the file each time."""


def speak(language: str | None) -> str:
    """Choose the language of this run: the option, WHISTLE_LANG, the locale; else English."""
    environment = (os.environ.get(name, "") for name in ("WHISTLE_LANG", "LC_ALL", "LC_MESSAGES"))
    wishes = (language or "", *environment, os.environ.get("LANG", ""))
    chosen = next((wish for wish in wishes if wish), "en")
    code = LANGUAGES.get(chosen.replace("-", "_").split("_")[0].lower(), "en")
    os.environ["LANGUAGE"] = code  # click's own sentences follow the same choice
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)
    _spoken["say"] = str if code == "en" else _catalogue(code)
    return code


def _catalogue(code: str) -> Callable[[str], str]:
    """What a language says; asked by its file, for to ask gettext would load `locale` too."""
    with Path(LOCALE, code, "LC_MESSAGES", f"{DOMAIN}.mo").open("rb") as catalogue:
        return gettext.GNUTranslations(catalogue).gettext


def language() -> str:
    """The language of this run, as a page of HTML names it."""
    return "zh-CN" if os.environ.get("LANGUAGE") == "zh_CN" else "en"


def say(text: str, /, **words: object) -> str:
    """A sentence in the user's language; code words among its words are translated too."""
    shown = {key: CODED[key](value) if key in CODED else value for key, value in words.items()}
    sentence = _spoken["say"](text) if text else ""
    return sentence.format(**shown) if shown else sentence


def together(names: Iterable[str]) -> str:
    """Several names or phrases, with the user's comma between them."""
    return say(_("{before}, {after}"), before="", after="").join(names)


def fault(error: WhistleError) -> tuple[str, str]:
    """A refusal's sentence and its next step."""
    return say(error.text, **error.words), say(error.hint, **error.words)


STAGES: Mapping[str, str] = {
    "reported": _("reported"),
    "accepted": _("accepted"),
    "in_hand": _("in hand"),
    "verified": _("verified"),
    "called_back": _("called back"),
    "closed": _("closed"),
    "requested": _("waiting for approval"),
    "turned_down": _("not approved"),
    "scheduled": _("set for later"),
    "withdrawn": _("withdrawn"),
    "sounding": _("sounding"),
    "ended": _("ended"),
    "called": _("called"),
    "acknowledged": _("acknowledged"),
    "on_way": _("on the way"),
    "on_scene": _("on the scene"),
    "deliver": _("deliver"),
    "finished": _("finished"),
    "released": _("released"),
    "declined": _("declined"),
    "formed": _("formed"),
    "dispatched": _("sent out"),
    "stood_down": _("stood down"),
    "planned": _("planned"),
    "missed": _("missed"),
    "called_off": _("called off"),
    "out": _("out on patrol"),
    "done": _("done"),
    "registered": _("registered"),
    "in_force": _("in force"),
}
KINDS: Mapping[str, str] = {
    "daily": _("daily whistle"),
    "key_task": _("key-task whistle"),
    "joint_enforcement": _("joint-enforcement whistle"),
    "emergency": _("emergency whistle"),
}
CLOCKS: Mapping[str, str] = {
    "ack": _("to answer"),
    "arrive": _("to report in"),
    "feedback": _("to give first word"),
    "dispose": _("to finish"),
}
ACTIONS: Mapping[str, str] = {"start": _("started"), "stop": _("stopped")}
DUTIES: Mapping[str, str] = {"lead": _("leads"), "assist": _("assists")}
VERBS: Mapping[str, str] = {
    "accept": _("accept"),
    "ack": _("ack"),
    "approve": _("approve"),
    "arrive": _("arrive"),
    "blow": _("blow"),
    "call add": _("call add"),
    "callback": _("callback"),
    "close": _("close"),
    "confirm": _("confirm"),
    "deliver": _("deliver"),
    "finish": _("finish"),
    "incident handle": _("incident handle"),
    "leave": _("leave"),
    "patrol finish": _("patrol finish"),
    "patrol start": _("patrol start"),
    "rate": _("rate"),
    "rule": _("rule"),
    "show": _("show"),
    "undo": _("undo"),
    "team count": _("team count"),
    "team dispatch": _("team dispatch"),
    "team rate": _("team rate"),
    "team sign-in": _("team sign-in"),
    "verify": _("verify"),
}
"""The verbs of next steps: each is typed in the language it is told in."""
MODES: Mapping[str, str] = {
    "stationed_team": _("squad posted here"),
    "stationed_staff": _("staff posted here"),
    "on_call": _("on call"),
}
CHANNELS: Mapping[str, str] = {
    "patrol": _("patrol"),
    "12345": _("12345"),
    "grid": _("grid"),
    "petition": _("petition"),
    "camera": _("camera"),
    "superior": _("superior"),
    "public": _("public"),
    "digital-city": _("digital city"),
    "other": _("other"),
}
MOUTHS: Mapping[str, str] = {
    "phone": _("by phone"),
    "radio": _("by radio"),
    "paper": _("on paper"),
    "own": _("typed later"),
}
WAYS: Mapping[str, str] = {
    "self": _("own forces"),
    "transfer": _("transferred"),
    "whistle": _("by whistle"),
    "refused": _("refused"),
    "merged": _("merged"),
}
TOPICS: Mapping[str, str] = {
    "incident.reported/1": _("incident reported"),
    "incident.accepted/1": _("incident accepted"),
    "incident.refused/1": _("incident refused, with the reason"),
    "incident.self_handled/1": _("handled by the town's own forces"),
    "incident.transferred/1": _("transferred to one unit"),
    "incident.whistle_noted/1": _("whistle noted on the incident"),
    "incident.whistle_end_noted/1": _("end of the whistle noted on the incident"),
    "incident.whistle_withdrawn_noted/1": _("withdrawal of the whistle noted on the incident"),
    "incident.verification_passed/1": _("verified: solved"),
    "incident.verification_failed/1": _("verified: not solved, to be done again"),
    "incident.called_back/1": _("reporter called back"),
    "incident.closed/1": _("incident closed"),
    "incident.reopened/1": _("incident reopened"),
    "incident.found_on_patrol/1": _("found on patrol"),
    "patrol.planned/1": _("patrol planned"),
    "patrol.started/1": _("patrol set out"),
    "patrol.started_unplanned/1": _("patrol set out without a plan"),
    "patrol.joined/1": _("joined the patrol"),
    "patrol.stop_visited/1": _("checked in at a stop"),
    "patrol.stop_skipped/1": _("stop left out, with the reason"),
    "patrol.noted/1": _("noted on patrol"),
    "patrol.found/1": _("problem found on patrol"),
    "patrol.finding_reported/1": _("finding reported as an incident"),
    "patrol.finished/1": _("patrol finished"),
    "patrol.called_off/1": _("patrol called off"),
    "patrol.missed/1": _("patrol missed: nobody had set out in its slot"),
    "patrol.miss_voided/1": _("miss voided: the start was in time"),
    "incident.merged/1": _("merged into another incident"),
    "incident.merged_in/1": _("another incident merged into this one"),
    "whistle.requested/1": _("whistle asked for"),
    "whistle.approval_refused/1": _("whistle not approved"),
    "whistle.blown/1": _("whistle blown"),
    "whistle.call_delivered/1": _("call delivered"),
    "whistle.acknowledged/1": _("whistle answered"),
    "whistle.declined/1": _("call declined"),
    "whistle.departed/1": _("unit set out"),
    "whistle.arrived/1": _("unit reported in"),
    "whistle.assembled/1": _("all called units are on the scene"),
    "whistle.acted/1": _("unit acted"),
    "whistle.finished/1": _("unit finished, asks for release"),
    "whistle.released/1": _("unit released by the commander"),
    "whistle.left_early/1": _("unit left before its release"),
    "whistle.ended/1": _("whistle ended"),
    "whistle.rework_ordered/1": _("unit must do it again"),
    "whistle.unit_evaluated/1": _("unit evaluated"),
    "whistle.rated/1": _("whistle rated by the unit"),
    "whistle.team_noted/1": _("joint team noted on the whistle"),
    "whistle.due_soon/1": _("due soon"),
    "whistle.overdue/1": _("overdue"),
    "whistle.supervised/1": _("supervision notice"),
    "whistle.overdue_voided/1": _("notice voided"),
    "whistle.scheduled/1": _("whistle set for a later time"),
    "whistle.approved/1": _("whistle approved, it sounds at its time"),
    "whistle.came_due/1": _("the time set for the whistle came"),
    "whistle.confirmation_awaited/1": _("a leader is to confirm it"),
    "whistle.approval_confirmed/1": _("confirmed by the leader"),
    "whistle.approval_contested/1": _("the leader contests the approval: the town's mark"),
    "whistle.confirmation_overdue/1": _("not confirmed in time: the town's mark"),
    "whistle.confirmation_overdue_voided/1": _("the town's mark voided: confirmed in time"),
    "whistle.withdrawn/1": _("whistle withdrawn"),
    "whistle.call_withdrawn/1": _("call withdrawn, the unit is excused"),
    "whistle.amended/1": _("whistle amended"),
    "whistle.unit_added/1": _("one more unit called"),
    "whistle.need_raised/1": _("call for more from the scene"),
    "team.formed/1": _("joint team formed"),
    "team.unit_joined/1": _("unit joined the team"),
    "team.unit_left/1": _("unit left the team"),
    "team.unit_relieved/1": _("unit relieved"),
    "team.signed_in/1": _("people signed in"),
    "team.heads_counted/1": _("roll called"),
    "team.dispatched/1": _("team sent out"),
    "team.dispatch_ended/1": _("team's dispatch ended with the whistle"),
    "team.stood_down/1": _("team stood down"),
    "team.evaluated/1": _("team evaluated"),
    "unit.registered/1": _("unit registered"),
    "unit.person_added/1": _("person added"),
    "rulebook.town_founded/1": _("record of the town opened"),
    "rulebook.playbook_adopted/1": _("playbook adopted"),
    "rulebook.playbook_announced/1": _("playbook adopted for a day to come"),
    "rulebook.calendar_adopted/1": _("calendar adopted"),
    "record.corrected/1": _("record corrected"),
    "record.taken_back/1": _("act taken back"),
    "whistle.undo_asked/1": _("asked to take an act back"),
    "whistle.delivery_awaited/1": _("call waits to be told, the unit has no inbox"),
    "whistle.delivery_taken/1": _("call taken by a person of the unit"),
    "unit.reach_set/1": _("how the unit is reached was set"),
    "whistle.delivery_tried/1": _("nobody answered"),
    "whistle.delivery_passed_on/1": _("call not taken, passed on"),
    "whistle.unit_unreachable/1": _("unit could not be reached"),
    "whistle.told/1": _("told by another, or of an earlier time"),
    "whistle.told_confirmed/1": _("what was told is confirmed"),
    "whistle.told_contested/1": _("what was told is contested"),
    "whistle.told_ruled/1": _("ruled on what was told"),
    "history.recorded/1": _("history imported"),
    "store.restored/1": _("the store was put back to an earlier state"),
    "policy.reaction_refused/1": _("a follow-up was refused; a person should look"),
    "clock.anomaly/1": _("the server's clock jumped"),
    "clock.settled/1": _("clock anomaly settled"),
    "view.skip_ruled/1": _("what a view leaves out"),
}


def word(table: Mapping[str, str], code: object) -> str:
    """A code word in the user's language, or as it is when the table does not have it."""
    text = str(code)
    return _spoken["say"](table[text]) if text in table else text


LIMIT_UNITS: Mapping[str, str] = {
    "wm": _("{amount}wm"), "wh": _("{amount}wh"), "wd": _("{amount}wd"), "em": _("{amount}em"),
    "eh": _("{amount}eh"), "ed": _("{amount}ed"), "nd": _("{amount}nd"),
}  # fmt: skip


def limit_of(code: object) -> str:
    """A limit as it is read out: 2eh, in Chinese 2紧急工作时; either may be typed."""
    text = str(code)
    amount, unit = text[:-2], text[-2:]
    known = amount.isdecimal() and unit in LIMIT_UNITS
    return _spoken["say"](LIMIT_UNITS[unit]).format(amount=amount) if known else text


CODED: Mapping[str, Callable[[object], str]] = {
    "limit": limit_of,
    "stage": lambda code: word(STAGES, code),
    "kind": lambda code: word(KINDS, code),
    "clock": lambda code: word(CLOCKS, code),
    "topic": lambda code: word(TOPICS, code),
    "verb": lambda code: word(VERBS, code),
}
