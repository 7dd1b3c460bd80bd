"""The variants of the CCR model without a defence, from every table of tests: what each lacks, and
the promise that a confirmed run of it breaks. Simulation is judged by which of them it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.language.model import Instance, Model
from specs.catalogue import CCR, SMALL
from tests.specs import test_address_defences as address
from tests.specs import test_defences as control
from tests.specs import test_lcr_defences as lcr
from tests.specs import test_mail_defences as mail
from tests.specs import test_places_defences as places
from tests.specs import test_server_defences as server
from tests.specs import test_standby_defences as standby
from tests.specs import test_truncation_defences as truncation


@dataclass(frozen=True)
class Rare:
    """What 2,000 runs of seed 0 were not seen to find: what is so seldom about it, and the seed and
    the number of a run that does find it, if one of those that were tried does.
    """

    why: str
    seed: int = 0
    run: int | None = None


_PASSIVE = "several backups, each heard of by the passive copy too late or too early"
RARE: dict[str, Rare] = {
    "truncation: the passive copy keeps what its own recovery needs": Rare(_PASSIVE, 1, 802),
    "truncation: a log that a running backup of the passive copy takes stays":
        Rare(_PASSIVE, 2, 757),
    "truncation: an incremental backup is refused where logs are missing":
        Rare("a lossy failover, a seed, a move back, an incremental backup", 1, 769),
}  # fmt: skip
"""Measured by `python -m tests.bench.simulating --mutants 2000 --rare --seeds K`."""


@dataclass(frozen=True)
class Seeded:
    """A variant, under which instance it breaks which promise."""

    table: str
    says: str
    model: Model
    number: str
    instance: Instance = SMALL

    @property
    def name(self) -> str:
        """The table and what is missing."""
        return f"{self.table}: {self.says}"


def small(**parameters: int) -> Instance:
    """The instance of the proofs with other parameters."""
    return Instance(SMALL.members, parameters)


def seeded() -> Iterator[Seeded]:
    """Every variant, table by table."""
    for says, model, number, parameters in control.FAST + control.SLOW:
        yield Seeded("control", says, model, number, small(**parameters))
    for fault, beside, model, number, parameters in control.FAULTS:
        allowed = control.only(model, fault, *beside)
        yield Seeded("faults", f"only {fault}", allowed, number, small(**parameters))
    for t in truncation.CASES:
        settings = {"log_capacity": 1, "llr_depth": 0, **t.settings}
        found = truncation.weakened(t.drops)
        yield Seeded("truncation", t.says, found, t.number, small(**settings))
    for m in mail.CASES:
        yield Seeded("mail", m.says, m.weaken(CCR), m.number, small(**m.settings))
    yield from more_mail()
    for s in standby.CASES:
        yield Seeded("standby", s.says, standby.weakened(s), s.number, standby.instance_of(s))
    for v in server.CASES:
        settings = {**standby.SETTINGS, "tracked_generation": v.generation}
        yield Seeded("server", v.says, server.weakened(v), v.number, small(**settings))
    for says, (number, rule, guard, *_) in places.CASES.items():
        yield Seeded("places", says, CCR.without_guard(rule, guard), number)
    yield from local_copies()
    for guard in address.MISSED:
        model = CCR.without_guard("lose_address", guard)
        yield Seeded("address", guard, model, "P59", address.TWO)


def more_mail() -> Iterator[Seeded]:
    """The variants of the tests of mail that are no cases of its table."""
    early = mail.without("find_rolled_back", "its hub is or was asked")(CCR)
    early = early.with_rule(early.rule("record_request").changed(trigger="command"))
    yield Seeded("mail", "mail is called gone only once its hub is asked", early, "P83")
    uncounted = CCR.without_guard("count_loss", "its files are there")
    yield Seeded("mail", "a loss is counted from files that are there", uncounted, "P84")


def local_copies() -> Iterator[Seeded]:
    """The variants of the tests of a restore to the local copy."""
    remaining = "remaining logs are here, or the live disks are lost"
    for guard in (remaining, "everything copied is inspected and replayed"):
        model = CCR.without_guard("restore_lcr", guard)
        yield Seeded("lcr", guard, model, "P68", small(**lcr.SECOND))
    rule = CCR.rule("inspect_local_log")
    sets = tuple((f, CCR.state.now if f.value[1] == "whole_at" else v) for f, v in rule.sets)
    late = CCR.with_rule(rule.changed(sets=sets))
    third = small(**{**lcr.SECOND, "tracked_record": 3})
    yield Seeded("lcr", "a window begins with the last inspection", late, "P69", third)
