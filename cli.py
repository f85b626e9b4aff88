"""The command line: one verb per order, one noun per view. The only place that prints.

A verb is a line of SECTIONS: where it lives, what it is called in Chinese, what it is for. Its
module is imported when it is used, so that help and the verbs that write start at once.
"""

import gc
import signal

if LOADING := signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while loading: no traceback
    gc.disable()  # looking for cycles among what was just imported costs a run a twentieth

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

import click

from projections.desk import terminal, tones
from projections.desk.everywhere import everywhere
from projections.desk.hoist import asked, has, hoisted, value_of
from projections.desk.line import Line, Repeated
from projections.desk.nouns import Root, Verb
from projections.desk.words import plain, say, speak
from whistle import __version__
from whistle.domain.refusal import WhistleError, _

if TYPE_CHECKING:  # help must not pay for the engine
    from projections.desk.answer import Answer


_DAY, _LOOK, _KEEP = _("Everyday"), _("Looking and assessing"), _("Keeping the record")

SECTIONS: dict[str, dict[str, Verb]] = {
    _DAY: {
        "report": Verb("incident_acts:report", ("上报",), _("log a finding")),
        "accept": Verb("incident_acts:accept", ("受理",), _("take an incident on")),
        "refuse": Verb("incident_acts:refuse", ("不受理",), _("turn an incident away")),
        "blow": Verb("whistle_acts:blow", ("吹哨",), _("call several units at once")),
        "approve": Verb("approving:approve", ("审批",), _("the leader approves a whistle")),
        "inbox": Verb("looking:inbox", ("待办",), _("what waits on you")),
        "ack": Verb("call_acts:ack", ("签收", "应哨"), _("sign for a call, with the time")),
        "decline": Verb("call_acts:decline", ("退单",), _("not this unit's duty, and whose")),
        "depart": Verb("call_acts:depart", ("出发",), _("set out")),
        "arrive": Verb("call_acts:arrive", ("报到", "到场"), _("report in on the scene")),
        "act": Verb("call_acts:act", ("处置",), _("record what was done")),
        "need": Verb("calling:need", ("增援",), _("call for more from the scene")),
        "finish": Verb("call_acts:finish", ("办结",), _("the unit's part is done")),
        "leave": Verb("call_acts:leave", ("撤离",), _("release a unit, or leave on record")),
        "verify": Verb("incident_acts:verify", ("验收",), _("is it solved? pass or fail")),
        "callback": Verb("incident_acts:callback", ("回访",), _("call the reporter back")),
        "close": Verb("incident_acts:close", ("结案",), _("close an incident")),
        "reopen": Verb("incident_acts:reopen", ("重开",), _("take a closed incident up again")),
        "rate": Verb("whistle_acts:rate", ("评价",), _("a mark for a unit, or for the whistle")),
        "correct": Verb("record:correct", ("更正",), _("put a mistake right, both versions stay")),
        "confirm": Verb("hearing:confirm", ("确认",), _("it was as told; its time counts")),
        "contest": Verb("hearing:contest", ("异议",), _("it was not as told; kept out till ruled")),
        "rule": Verb("hearing:rule", ("裁定",), _("the leader rules on a contested time")),
        "deliver": Verb("delivering:deliver", ("送达",), _("tell a unit that has no inbox")),
        "undo": Verb("undoing:undo", ("撤销",), _("take back an act, both stay on record")),
        "patrol": Verb("patrol_acts:patrol", ("巡查",), _("rounds: plan, walk, find, coverage")),
        "show": Verb("looking:show", ("查看",), _("one incident or whistle as it stands")),
        "log": Verb("looking:log", ("经过",), _("everything that happened to it")),
        "watch": Verb("watching:watch", ("盯办",), _("the night screen: what hurries, live")),
        "wait": Verb("awaiting:wait", ("等待", "等候"), _("stay until a state is reached")),
        "handover": Verb("shift:handover", ("交接班",), _("what the next shift takes over")),
        "status": Verb("overview:status", ("总览",), _("one screen: open, due, overdue")),
    },
    _LOOK: {
        "call": Verb("calling:call", ("呼叫", "哨件"), _("whistles: list, amend, withdraw, add")),
        "incident": Verb("listing:incident", ("事件",), _("list, import, merge, handle, transfer")),
        "item": Verb("listing:item", ("事项",), _("the item catalogue")),
        "team": Verb("team_acts:team", ("队伍",), _("joint teams: form, send, count, mark")),
        "clock": Verb("clock_acts:clock", ("时钟",), _("running clocks; and the server's own")),
        "view": Verb("viewing:view", ("视图",), _("inspect, command, coordinate, assess, ledger")),
        "assess": Verb("assessing:assess", ("考核",), _("ledger, rank, incidents, quality")),
        "bulletin": Verb("bulletin:bulletin", ("通报",), _("a month as facts, for all units")),
        "replay": Verb("replay:replay", ("回放",), _("how things stood at a time")),
        "calendar": Verb("calendar_verbs:calendar", ("日历",), _("working days and due times")),
        "demo": Verb("demo:demo", ("演示",), _("a made-up town plays one busy day")),
    },
    _KEEP: {
        "setup": Verb("setting_up:setup", ("设置", "安装"), _("make a town: asked, or from files")),
        "init": Verb("founding:init", ("建档",), _("open the record of a town")),
        "org": Verb("founding:org", ("单位",), _("units and persons")),
        "playbook": Verb("rules:playbook", ("规则",), _("the rules: show, check")),
        "import": Verb("importing:import_", ("导入",), _("history of other systems")),
        "events": Verb("record:events", ("记录",), _("the events as they were written")),
        "audit": Verb("auditing:audit", ("校验",), _("prove the record")),
        "projection": Verb(
            "upkeep:projection", ("投影",), _("keep the views warm, or make them anew")
        ),
        "store": Verb("storing:store", ("存储",), _("copies, upgrades, size")),
        "doctor": Verb("doctor:doctor", ("体检",), _("is all well? a page of it")),
        "completion": Verb("completion:completion", ("补全",), _("Tab completion for a shell")),
        "help": Verb("manual:manual", ("帮助",), _("exit codes, times, names")),
    },
}


@click.group(
    cls=Root,
    sections=SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@everywhere
@click.version_option(__version__, prog_name="whistle", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, /, **options: Any) -> "Answer | None":
    """Whistle 吹哨报到: a town blows, departments report in, and the record can be proved.

    Without a verb: what waits on you.
    """
    from projections.desk.desk import Desk

    line = ctx.find_object(Line) or Line(())
    desk = ctx.obj = line.desk = Desk(options, words=line.words)
    if options["key"] == "":
        raise click.UsageError(say(_("--key is empty: name this command, or leave it out.")))
    verb = ctx.invoked_subcommand or ""
    opens = ALIASES.get(verb, verb) in ("init", "setup")  # no store yet that could remember a key
    if options["key"] and not opens and (kept := desk.repeated()):
        from projections.desk import replies

        raise Repeated(replies.answer(desk, kept))
    if ctx.invoked_subcommand is None:
        inbox = root.get_command(ctx, "inbox")
        return ctx.invoke(inbox) if inbox else None
    return None


VERBS, ALIASES = root.verbs, root.aliases


def main() -> None:
    """The program: run the command line and leave with its exit code."""
    gc.disable()  # a run lives for a moment
    code = run(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the answer is out: too late to interrupt
    for channel in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # full, closed, or never there
            channel.flush()
    os._exit(code)  # the store is closed; taking the interpreter apart costs a sixth of a run


def run(words: Sequence[str]) -> int:
    """Run one command line and print its answer; the answer's exit code."""
    given: list[str] = []
    try:
        given = hoisted(terminal.typed(words))
        terminal.prepare()
        speak(value_of(given, "--lang"))
        if "-" in given and (at := _dash(given)) is not None:
            return _batch(given, at)
        answer, code = _answered(given)
        _print(answer, given, as_json=has(given, "--json"))
    except KeyboardInterrupt:  # while it was being printed
        return 130
    except BrokenPipeError:  # the reader has seen enough
        terminal.drop_output()
        return 0
    except (OSError, WhistleError) as error:  # while it was being printed: what was recorded stays
        terminal.drop_output()
        answer = _fault(error)
        code = answer.exit_code
        _tell(answer.told, sys.stderr)
    return code


def _dash(given: Sequence[str]) -> int | None:
    """Where an everyday verb is told to read its names from standard input."""
    from projections.desk import batch

    return batch.wanted(given, root, SECTIONS[_DAY])


def _batch(given: Sequence[str], at: int) -> int:
    """A command for each line of standard input; the highest exit code of them all.

    A line that fails does not keep the others back, nor does a reader who has gone.
    """
    from projections.desk import batch

    outcomes, worst = [], 0
    listed, quiet = has(given, "--jsonl"), has(given, "-q", "--quiet")
    for job in batch.jobs(given, at, root, batch.source()):
        done = batch.failed(job) if job.fault else batch.Outcome(job, *_answered(job.words))
        worst = max(worst, done.code)
        if has(given, "--json"):
            outcomes.append(done)
        else:
            _hand_out(batch.told(done, as_object=listed, quiet=quiet), given)
        if done.code == 130 or (done.code and has(given, "--fail-fast")):
            break
    if has(given, "--json"):
        sys.stdout.buffer.write(batch.whole(outcomes) + b"\n")
    return worst


def _hand_out(answer: "Answer", given: Sequence[str]) -> None:
    try:
        _print(answer, given, as_json=False)
    except BrokenPipeError:  # the work goes on without him
        terminal.drop_output()


def _fault(error: click.ClickException | WhistleError | OSError) -> "Answer":
    from projections.desk.faults import of_error

    return of_error(error)


def _answered(given: list[str]) -> "tuple[Answer | None, int]":
    """The answer to a command line, with what its desk has to say beside it."""
    line = Line(asked(given))
    answer, code = _tried(given, line)
    if line.desk is not None:
        if answer is not None:
            line.desk.finish(answer)
        if answer is None or not answer.reads_on:
            line.desk.close()
    return answer, code


def _tried(given: list[str], line: Line) -> "tuple[Answer | None, int]":
    """The answer to a command line, with what went wrong as an answer too."""
    try:
        answer: Answer | int | None = root.main(
            given, prog_name="whistle", standalone_mode=False, obj=line
        )
    except Repeated as repeated:
        answer = repeated.answer
    except (click.Abort, KeyboardInterrupt):
        return None, 130
    except BrokenPipeError:
        raise
    except (click.ClickException, WhistleError, OSError) as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and not has(given, "--json"):
            click.echo(error.ctx.get_help() if error.ctx else "")
            return None, 2
        return (answer := _fault(error)), answer.exit_code
    if isinstance(answer, int):  # --help and --version have printed already
        return None, answer
    return answer, answer.exit_code if answer is not None else 0


def _print(answer: "Answer | None", given: Sequence[str], *, as_json: bool) -> None:
    """Show an answer as asked: one JSON object, raw lines, names only, or lines for people."""
    if answer is None:
        return
    out = sys.stdout.buffer
    if as_json:
        out.writelines(answer.envelope())
        out.write(b"\n")
    elif answer.raw is not None:
        out.write(answer.raw)
    elif answer.live is not None:
        terminal.show(answer.live, answer.after, sys.stdout)
    elif answer.stream is not None:
        for line in answer.stream:
            out.write(line + b"\n")
    elif has(given, "--jsonl") and isinstance(answer.data, list):
        for row in answer.data:
            out.write(answer.line_of(row) + b"\n")
    elif has(given, "-q", "--quiet"):
        _tell(answer.ids, sys.stdout)
    else:
        _tell(answer.lines, sys.stdout, paint=tones.wanted(value_of(given, "--color"), sys.stdout))
    out.flush()
    if not as_json:
        _tell(answer.told, sys.stderr)


def _tell(lines: Sequence[str], channel: TextIO, *, paint: bool = False) -> None:
    for line in lines:
        text = plain(line)
        print(tones.painted(text, line) if paint else text, file=channel, flush=False)
    channel.flush()


if LOADING:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()  # for whoever imported this and lives on

if __name__ == "__main__":
    main()
