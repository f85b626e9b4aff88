"""A playbook as a town writes it: a small one is enough, a faulty one says all at once."""

import hashlib
import json

import msgspec
import pytest

from whistle.domain.limit import Limit
from whistle.domain.playbook import Playbook
from whistle.playbook_file import FaultyPlaybook, read_playbook

SMALL = """\
name = "小规则"
version = "1"
slots = "09:00-12:00,13:00-18:00"
reading = "hours"
[grounds]
no-power = "无执法权"
[decline_reasons]
not-ours = "不属本单位"
[refuse_categories]
repeated = "重复"
[kinds.daily]
name = "日常哨"
approval = "required"
limits = { ack = "1工作时", dispose = "5工作日" }
[kinds.key_task]
name = "攻坚哨"
approval = "required"
limits = { ack = "4wh", dispose = "15nd" }
[kinds.joint_enforcement]
name = "综合执法哨"
approval = "required"
limits = { ack = "1wh" }
[kinds.emergency]
name = "应急哨"
approval = "afterwards"
limits = { ack = "5em", arrive = "30em", dispose = "2紧急工作时" }
[ladder]
warn_percent = 0
[items.A1]
name = "占道（经营）"
english = "street-vending"
kind = "daily"
lead = "UM"
"""


def test_a_small_file_in_a_clerks_words_is_enough() -> None:
    playbook = read_playbook("\ufeff" + SMALL.replace("\n", "\r\n"))  # as Windows saves it
    assert playbook.slots == ((9 * 3600, 12 * 3600), (13 * 3600, 18 * 3600))
    assert playbook.kinds["emergency"].limits["dispose"] == Limit(2, "eh")
    assert playbook.mark_max == 100
    item = playbook.item("占道(经营)")  # folded, as it is typed
    assert item is not None
    assert item.assists == ()


def test_the_digest_is_of_the_rules_and_survives_json() -> None:
    playbook = read_playbook(SMALL)
    bare = msgspec.to_builtins(msgspec.structs.replace(playbook, digest=""))
    canonical = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert playbook.digest == hashlib.sha256(canonical.encode()).hexdigest()
    again = msgspec.json.decode(msgspec.json.encode(playbook), type=Playbook)
    assert again == playbook
    moved = SMALL.replace("[ladder]\nwarn_percent = 0\n", "") + "# 注\n[ladder]\nwarn_percent = 0\n"
    assert read_playbook(moved).digest == playbook.digest
    assert read_playbook(SMALL.replace("5em", "6em")).digest != playbook.digest


FAULTY = """\
name = 5
version = " "
slots = "8-12"
colour = "red"
mark_max = true

[grounds]
no-power = "无执法权"
[decline_reasons]
[refuse_categories]
repeated = 1

[kinds.daily]
name = "日常哨"
approval = "perhaps"
limits = { dispose = "five days", atk = "1wh" }

[kinds.emergency]
name = "应急哨"
approval = "afterwards"
decline_only_on_scene = "yes"
limits = { ack = "5em" }

[kinds.loud]
name = "响哨"

[kinds.key_task]
name = "攻坚哨"
approval = "required"
[kinds.key_task.limits]
ack = "0wh"

[ladder]
warn_percent = 120
rungs = [
  { level = "yellow" },
  { level = "blue", after = "1天" },
]

[items.0405]
name = "店外经营"
english = "Street Vending"
kind = "daily"
lead = ""
aliases = ["占道经营"]
ground = "noise"

[items.0406]
name = "占道经营"
english = "street-vending"
kind = "weekly"
lead = "UM"
assists = ["MR", "UM", "MR"]
aliases = "占道"
colour = "red"

[items.0502]
name = "燃气泄漏"
english = "gas-leak"
kind = "emergency"
lead = "UT-GAS"
"""

PLACES = [
    (0, "kinds.joint_enforcement"),
    (0, "reading"),
    (1, "name"),
    (2, "version"),
    (3, "slots"),
    (4, "colour"),
    (5, "mark_max"),
    (9, "decline_reasons"),
    (11, "refuse_categories.repeated"),
    (15, "kinds.daily.approval"),
    (16, "kinds.daily.limits.ack"),
    (16, "kinds.daily.limits.atk"),
    (16, "kinds.daily.limits.dispose"),
    (21, "kinds.emergency.decline_only_on_scene"),
    (22, "kinds.emergency.limits.arrive"),
    (24, "kinds.loud"),
    (31, "kinds.key_task.limits.ack"),
    (34, "ladder.warn_percent"),
    (35, "ladder.rungs[2].after"),
    (35, "ladder.rungs[2].level"),
    (42, "items.0405.english"),
    (44, "items.0405.lead"),
    (46, "items.0405.ground"),
    (49, "items.0406.name"),
    (51, "items.0406.kind"),
    (53, "items.0406.assists"),
    (53, "items.0406.assists"),
    (54, "items.0406.aliases"),
    (55, "items.0406.colour"),
    (57, "items.0502.limits.dispose"),
]


def test_all_faults_of_a_playbook_are_told_at_once_each_with_its_line_and_key() -> None:
    with pytest.raises(FaultyPlaybook) as refusal:
        read_playbook(FAULTY)
    assert refusal.value.rule == "playbook.file"
    assert sorted((fault.line, fault.key) for fault in refusal.value.faults) == PLACES
    said = str(refusal.value)
    assert "line 49, items.0406.name: 占道经营 already names item 0405" in said
    assert "line 16, kinds.daily.limits.dispose: “five days” is not a limit." in said
    assert "line 46, items.0405.ground: noise is not one of the grounds: no-power" in said


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("name = x", "line 1, TOML"),
        ("[items.0502]\n[items.0502]\n", "line 2, TOML"),
        ("", "kinds.emergency"),
        ("kinds = 3\nitems = []", "line 1, kinds: not a table"),
    ],
)
def test_a_file_that_is_no_playbook_at_all_says_where(given: str, place: str) -> None:
    with pytest.raises(FaultyPlaybook) as refusal:
        read_playbook(given)
    assert place in str(refusal.value)
