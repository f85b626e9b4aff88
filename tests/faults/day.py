"""A day of the town as lines to type: every kind of write there is, each possible when it comes."""

import shlex
from pathlib import Path
from typing import NamedTuple

HISTORY = "history.jsonl"
FILES = {
    HISTORY: "".join(
        f'{{"event_id":"{n}","at":"2026-10-13T08:0{n}:00+08:00","kind":"{kind}",'
        f'"incident":"7","unit":{unit}}}\n'
        for n, (kind, unit) in enumerate(
            [("reported", "null"), ("whistled", '"FR"'), ("acknowledged", '"FR"')]
        )
    )
}


class Line(NamedTuple):
    """A line; what it may answer when it is given once more after it was done."""

    line: str
    keyed: bool = True
    again: tuple[int, ...] = (0,)
    minutes: int = 0  # that pass before it

    def words(self, folder: Path, size: int) -> list[str]:
        """The words, in a folder, at a store of so many events; a keyed line keeps its key."""
        made = shlex.split(self.line.replace("FOLDER", str(folder)).replace("SIZE", str(size)))
        return [*made, "--key", self.line] if self.keyed else made


LINES = (
    Line("init --town 望榆镇 --code WY", keyed=False, again=(0, 5)),
    Line("report gas-leak '12 Caoqiao Rd'"),
    Line("accept 1"),
    Line("blow 1"),
    Line("org unit reach FR phone"),
    Line("org unit add UX 新单位 --type UM"),
    Line("org person add FR 老王 --role clerk"),
    Line("blow -e gas-leak '3 Yuyuan Rd'"),
    Line("deliver 2/FR --to 值班员"),
    Line("ack 1 --as UT-GAS"),
    Line("depart 1 --as UT-GAS"),
    Line("arrive 1 --as UT-GAS"),
    Line("act 1 关阀 --as UT-GAS"),
    Line("need 1 --what 云梯 --as UT-GAS"),
    Line("call add 1 UM"),
    Line("call withdraw 1/UM -m 误点"),
    Line("call amend 1 --place '14 Caoqiao Rd'"),
    Line("finish 1 --as UT-GAS"),
    Line("undo --as UT-GAS"),
    Line("arrive 2 --behalf FR"),
    Line("confirm 2 --as FR"),
    Line("finish 2 --as FR"),
    Line("leave 2/FR"),
    Line("rate 2/FR 9"),
    Line("correct SIZE --set score=90 --why typed"),
    Line("clock tick", keyed=False, minutes=90),
    Line("patrol plan 'North Gate' Market --who UM"),
    Line("patrol start --as UM"),
    Line("patrol stop-at 1 --as UM"),
    Line("team form 夜查 --stationed-team UM=5 --on-call TP=2"),
    Line("report street-vending '1 Yuyuan Rd' --accept"),
    Line("incident handle 3"),
    Line("verify 3 pass"),
    Line("callback 3 satisfied"),
    Line("close 3"),
    Line("reopen 3 -m 又来了"),
    Line("status", keyed=False),
    Line(f"import events FOLDER/{HISTORY} --source sf", keyed=False),
    Line("store backup FOLDER/copy.db", keyed=False, again=(0, 5)),
    Line("projection rebuild", keyed=False),
)
