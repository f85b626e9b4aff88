"""A long record is proved by two processes: together they find what one of them finds."""

import os

import pytest

from tests.office import Office, untie
from whistle.log import beside

TAMPERED = {
    "nothing": (),
    "a reply lost": ("DELETE FROM replies WHERE rowid = (SELECT MAX(rowid) FROM replies)",),
    "a leaf changed": ("UPDATE ledger SET leaf = zeroblob(32) WHERE seq = 5",),
    "both": (
        "DELETE FROM replies WHERE rowid = (SELECT MAX(rowid) FROM replies)",
        "UPDATE ledger SET leaf = zeroblob(32) WHERE seq = 5",
    ),
}


@pytest.mark.parametrize("done", TAMPERED)
def test_two_processes_say_what_one_says(
    office: Office, monkeypatch: pytest.MonkeyPatch, done: str
) -> None:
    office.blow()
    with office.behind() as tool:
        untie(tool)
        for statement in TAMPERED[done]:
            assert tool.execute(statement).rowcount == 1
    alone = office.log.verify()
    monkeypatch.setattr(beside, "WORTH_IT", 1)
    assert office.log.verify() == alone
    assert alone.ok is (done == "nothing")
    with pytest.raises(ChildProcessError):  # nobody is left behind
        os.waitpid(-1, os.WNOHANG)


def test_the_second_proof_runs_in_a_process_of_its_own() -> None:
    here = os.getpid()

    def proof() -> None:
        if os.getpid() == here:
            raise AssertionError("it ran here")

    with beside.Beside(proof, beside.WORTH_IT) as also:
        assert also.passed()


def test_a_short_record_is_proved_by_one() -> None:
    with beside.Beside(lambda: None, beside.WORTH_IT - 1) as also:
        assert not also.passed()
