"""A process engine in a library: the state of a process instance, written anew at every step.

SpiffWorkflow 3.2 on SQLite (WAL, FULL). The process is one of BPMN: three lanes side by side, each
sign, arrive, finish, then the evaluation. An order loads the instance, completes its task and
saves the instance, in one transaction; what has a place in the diagram is the rule.
"""

import sqlite3
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.limits import durable
from bench.stored import stored
from bench.workload import CALLED, Act, Line

MS = 1000
STEPS = ("ack", "arrive", "finish")
TABLE = "CREATE TABLE instances (name TEXT PRIMARY KEY, state TEXT NOT NULL)"


def diagram() -> str:
    """The process, as BPMN."""
    flows: list[tuple[str, str]] = [("blown", "called"), ("done", "evaluate"), ("evaluate", "end")]
    for lane in range(CALLED):
        steps = [f"{step}_{lane}" for step in STEPS]
        flows += zip(["called", *steps], [*steps, "done"], strict=True)
    tasks = sorted({to for _of, to in flows} - {"called", "done", "end"})
    parts = [
        '<startEvent id="blown"/>',
        '<parallelGateway id="called"/>',
        '<parallelGateway id="done"/>',
        '<endEvent id="end"/>',
        *(f'<manualTask id="{task}" name="{task}"/>' for task in tasks),
    ]
    parts += [
        f'<sequenceFlow id="flow_{nth}" sourceRef="{of}" targetRef="{to}"/>'
        for nth, (of, to) in enumerate(flows)
    ]
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    process = f'<process id="whistle" isExecutable="true">{"".join(parts)}</process>'
    return f'<definitions xmlns="{space}" targetNamespace="bench">{process}</definitions>'


class Peer:
    """One file of instances."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "spiff.db"
        self.database: sqlite3.Connection = durable(self.path)
        self.database.execute(TABLE)
        parser = BpmnParser()
        parser.add_bpmn_str(diagram().encode())
        self.spec = parser.get_spec("whistle")
        self.serializer = BpmnWorkflowSerializer()

    def order(self, act: Act) -> int:
        """Load, complete the task, save."""
        execute, name = self.database.execute, act.body["whistle"]
        execute("BEGIN IMMEDIATE")
        if act.verb == "blow":
            workflow: Any = BpmnWorkflow(self.spec)
            workflow.do_engine_steps()
            workflow.data.update(act.body)
        else:
            found = execute("SELECT state FROM instances WHERE name = ?", (name,)).fetchone()
            workflow = self.serializer.deserialize_json(found[0])
            self._step(workflow, act)
        state = self.serializer.serialize_json(workflow)
        execute("INSERT OR REPLACE INTO instances VALUES (?, ?)", (name, state))
        execute("COMMIT")
        return 1

    def _step(self, workflow: Any, act: Act) -> None:
        lane = f"_{workflow.data['units'].index(act.unit)}" if act.unit else ""
        named = f"{act.verb}{lane}"
        ready = [
            task
            for task in workflow.get_tasks(state=TaskState.READY, manual=True)
            if task.task_spec.name == named
        ]
        if not ready:
            raise ValueError(act)
        ready[0].data[named] = act.body
        ready[0].run()
        workflow.do_engine_steps()
        workflow.refresh_waiting_tasks()

    def ledger(self) -> list[Line]:
        """The answer, from the instances as they stand."""
        lines = []
        for (state,) in self.database.execute("SELECT state FROM instances"):
            workflow: Any = self.serializer.deserialize_json(state)
            told: dict[str, Any] = {}
            for task in workflow.get_tasks(manual=True):
                told.update(task.data)
            blown = workflow.data
            for lane, unit in enumerate(blown["units"]):
                said = [told.get(f"{step}_{lane}") for step in STEPS]
                times = [each and (each["at"] - blown["at"]) // MS for each in said]
                lines.append(Line(int(blown["whistle"], 16), unit, *times))
        return lines

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()
