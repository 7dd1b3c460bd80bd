"""The steps of a standby copy on its files, whatever its source is: which logs it deletes, and how
it is seeded.

Each is the body of a rule, over the target's row (`mine`). Sits above `standby_steps`.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import Body, Move
from models.language.terms import Term, all_of, any_of, smaller

from ..vocabulary import NEVER
from ..vocabulary_copies import Trouble
from ..vocabulary_standby import Standby
from . import standby_steps as steps


def replay_noted(s: Any, event: str, mine: Any, answers: Term, oldest: Term) -> Body:
    """The source, whose oldest log is given, has deleted logs that the target still has: it notes
    what it has replayed by now.
    """
    return Body(
        event,
        requires={
            "copy replicates": steps.replicating(mine),
            "no note waits": mine.clear_at == NEVER,
            "a replayed log is there": mine.low <= mine.replayed,
        },
        given={"source answers": answers, "source has deleted it": oldest > mine.low},
        sets={mine.clear: mine.replayed, mine.clear_at: s.now},
    )


def logs_deleted(
    s: Any, event: str, mine: Any, generation: Term, answers: Term, oldest: Term
) -> Body:
    """The target deletes what its source has deleted and it replayed before its truncation lag."""
    return Body(
        event,
        requires={
            "copy replicates": steps.replicating(mine),
            "there are such logs": generation >= mine.low,
            "they were replayed by the noted time": all_of(
                mine.clear_at != NEVER, generation <= mine.clear
            ),
            "truncation lag has passed": s.elapsed(mine.clear_at, mine.truncation),
        },
        given={
            "source answers": answers,
            "as many as its source has deleted": generation == smaller(mine.clear, oldest - 1),
        },
        sets={mine.low: generation + 1, mine.clear_at: NEVER},
    )


def _emptied(mine: Any, generation: Any) -> dict[Term, Any]:
    """A target whose database stands at a generation and that has no logs."""
    return {
        mine.top: generation,
        mine.copied: generation,
        mine.notified: generation,
        mine.replayed: generation,
        mine.base: generation,
        mine.due: generation,
        mine.clear: generation,
        mine.low: generation + 1,
        mine.clear_at: NEVER,
        **steps.no_notes(mine),
    }


def seed_begun(s: Any, event: str, mine: Any, delete: Term, answers: Term) -> Body:
    """A full copy of the database is begun; nothing of the old files is left."""
    return Body(
        event,
        moves=Move(mine.state, steps.WAITING, Standby.SEEDING),
        requires={
            "copy does not replicate": any_of(mine.state != Standby.HEALTHY, mine.suspended),
            "no log files are left over, or they are to be deleted": any_of(mine.top == 0, delete),
        },
        given={"source answers": answers},
        sets={mine.seed_from: s.now, mine.lineage: 0, **_emptied(mine, 0)},
    )


def seed_finished(
    s: Any, event: str, mine: Any, lineage: Term, generation: Term, given: dict[str, Term]
) -> Body:
    """The seed is complete: the target stands where the source's closed logs stand."""
    return Body(
        event,
        moves=Move(mine.state, Standby.SEEDING, Standby.HEALTHY),
        requires={"seeding took its time": s.elapsed(mine.seed_from, s.p.seed_time)},
        given=given,
        sets={
            mine.lineage: lineage,
            mine.trouble: Trouble.NONE,
            mine.suspended: False,
            **_emptied(mine, generation),
        },
    )


def seed_aborted(event: str, mine: Any, answers: Term) -> Body:
    """No source answers a running seed: what was copied is discarded."""
    return Body(
        event,
        moves=Move(mine.state, Standby.SEEDING, Standby.FAILED),
        given={"no source answers": ~answers},
        sets={mine.trouble: Trouble.SEED_INTERRUPTED, mine.suspended: True},
    )
