"""Each defence of a restore to the local copy, dropped on its own, gives a confirmed run that
breaks a promise.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.language.model import Instance
from specs.catalogue import CCR, SMALL
from specs.runs import confirm
from specs.search.story import tell

BEGUN = (
    "install_server v=MBX", "create_local v=MBX h=SG1", "enable_lcr v=MBX h=SG1", "wait 70000",
    "write_local v=MBX h=SG1 records=1", "wait 2000", "write_local v=MBX h=SG1 records=1",
)  # fmt: skip
"""One record is in the copy; a second one is in a log that is not copied yet."""
SECOND = {"log_capacity": 1, "tracked_record": 2}


def promise(model: Any, number: str) -> Any:
    """A promise of the model."""
    found = model.numbered(number)
    assert found is not None
    return found


@pytest.mark.seed("S-129", "S-138")
def test_without_the_remaining_logs_a_restore_loses_what_could_be_read() -> None:
    model = CCR.without_guard("restore_lcr", "remaining logs are here, or the live disks are lost")
    story = (*BEGUN, "dismount_local v=MBX h=SG1", "restore_lcr v=MBX h=SG1")
    run = tell(model, Instance(SMALL.members, SECOND), story)
    assert confirm(model, run, promise(model, "P68")) is not None


@pytest.mark.seed("S-138")
def test_a_restore_before_everything_is_replayed_is_missed() -> None:
    model = CCR.without_guard("restore_lcr", "everything copied is inspected and replayed")
    story = (*BEGUN, "dismount_local v=MBX h=SG1", "wait 130", "restore_lcr v=MBX h=SG1")
    run = tell(model, Instance(SMALL.members, SECOND), story)
    assert confirm(model, run, promise(model, "P68")) is not None


@pytest.mark.seed("S-129")
def test_a_window_that_begins_with_the_last_inspection_lacks_mail() -> None:
    rule = CCR.rule("inspect_local_log")
    sets = tuple((f, CCR.state.now if f.value[1] == "whole_at" else v) for f, v in rule.sets)
    model = CCR.with_rule(rule.changed(sets=sets))
    story = (
        *BEGUN, "wait 50", "write_local v=MBX h=SG1 records=1", "wait 130",
        "lose_local_disks v=MBX h=SG1", "wait 200", "restore_lcr v=MBX h=SG1",
    )  # fmt: skip
    run = tell(model, Instance(SMALL.members, {**SECOND, "tracked_record": 3}), story)
    assert confirm(model, run, promise(model, "P69")) is not None
    again = tell(CCR, run.instance, story)
    assert confirm(CCR, again, promise(CCR, "P69")) is None
