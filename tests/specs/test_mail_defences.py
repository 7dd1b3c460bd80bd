"""What keeps mail from being lost or doubled, taken away on its own: each gives a confirmed run
that breaks a promise, and a proof that is open. With it the promise is proved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.language.model import Instance, Model
from models.language.terms import Bool, lift
from models.plain.layout import State
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible_mail import HUB, LOST, OTHER, SENT
from specs.proof.induction import Induction
from specs.runs import Run, confirm
from specs.search.story import tell
from specs.verdict import HOLDS

KNOWN = (*HUB, SENT, "wait 120000")
"""The mail is in both databases."""
MAIL = (
    *("P70", "P71", "P72", "P73", "P74", "P75", "P83", "P84", "P140", "P141", "P143"),
    *("P145", "P146", "P147", "P149", "P150", "P151", "P152", "V10", "V11"),
)
"""The promises about mail for the cluster."""
DUPLICATE = (*KNOWN, OTHER, "fail_node n=A", "wait 20000")
"""It is resubmitted after a failover that lost another one."""
SLOW, FAST = "add_hub h=HUB1 skew=-60000", "add_hub h=HUB1 skew=60000"
BUSY = ("write_records n=B g=SG1 records=1", "wait 120000") * 2
"""B closes two logs, and A follows."""
AFTERWARDS = ("power_on n=A", *BUSY, "write_records n=B g=SG1 records=1", "fail_node n=B")
TWICE = (
    *HUB, SENT, "fail_hub h=HUB1", "fail_node n=A", "wait 20000", *AFTERWARDS, "wait 60000",
)  # fmt: skip
"""Two lossy failovers while the hub is down."""


ABSENT = (
    *HUB, SENT, "fail_hub h=HUB1", "fail_node n=A", "wait 20000", "start_hub h=HUB1",
)  # fmt: skip
"""A hub is down when it is to be asked, and is back."""


@dataclass(frozen=True)
class Case:
    """A defence taken away, the promise that it keeps, and what then happens."""

    says: str
    weaken: Callable[[Model], Model]
    number: str
    story: tuple[str, ...]
    settings: dict[str, int] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    rules: tuple[str, ...] = ()


def without(rule: str, guard: str, trigger: str = "command") -> Callable[[Model], Model]:
    """The model in which the rule lacks the guard and is left to a person."""

    def weaken(model: Model) -> Model:
        loose = model.without_guard(rule, guard)
        return loose.with_rule(loose.rule(rule).changed(trigger=trigger))

    return weaken


def setting(rule: str, name: str, to: Callable[[Any, Any], Any]) -> Callable[[Model], Model]:
    """The model in which the rule sets a field to something else, made of the old value."""

    def weaken(model: Model) -> Model:
        found = model.rule(rule)
        sets = tuple((f, to(f, v) if f.value[1] == name else v) for f, v in found.sets)
        return model.with_rule(found.changed(sets=sets))

    return weaken


def leaving(rule: str, name: str, to: Callable[[Any, Any], Any]) -> Callable[[Model], Model]:
    """The model in which the rule, left to a person, leaves something else in a file or a queue."""

    def weaken(model: Model) -> Model:
        found = model.rule(rule)
        left = tuple((f, to(f, v) if f.value[1] == name else v) for f, v in found.ghost)
        return model.with_rule(found.changed(ghost=left, trigger="command"))

    return weaken


def mine(rule: str) -> Step:
    """A step of node B with the mail that is followed."""
    return Step(rule, {"n": "B", "g": "SG1", "m": "m1", "h": "HUB1"})


def begin(_field: Any, value: Any) -> Any:
    """The window of the newest request alone, not joined to that of the one before."""
    assert value.op == "ite"
    return value.args[2]


CASES = [
    Case(
        "the store accepts what its table lists",
        without("deliver_mail", "database does not list it", "consequence"), "P70", DUPLICATE,
        rules=("deliver_mail",),
    ),
    Case(
        "the table forgets what came over with its log",
        without("find_rolled_back", "mail is rolled back"), "P70", DUPLICATE,
        steps=(mine("find_rolled_back"), mine("deliver_mail")), rules=("find_rolled_back",),
    ),
    Case(
        "the table lies outside the database and is not rolled back",
        without("drop_duplicate", "database lists it"), "P75", LOST,
        steps=(mine("drop_duplicate"),), rules=("drop_duplicate",),
    ),
    Case(
        "a window without slack misses the mail of a hub whose clock is behind",
        lambda model: model, "P72",
        (*HUB[:-1], SLOW, "wait 1000", SENT, "fail_node n=A", "wait 20000"),
        {"dumpster_slack": 0},
    ),
    Case(
        "a window that ends with the mount misses the mail of a hub whose clock is ahead",
        setting("record_request", "until", lambda f, v: v.args[0]), "P72",
        (*HUB[:-1], FAST, SENT, "fail_node n=A", "wait 20000"), rules=("record_request",),
    ),
    Case(
        "a second request replaces the first",
        setting("record_request", "since", begin), "P73", TWICE, rules=("record_request",),
    ),
    Case(
        "a hub forgets what it was still resubmitting",
        setting("accept_request", "since", begin), "P73", (*LOST, *AFTERWARDS, "wait 60000"),
        rules=("accept_request",),
    ),
    Case(
        "a request is closed that no hub accepted",
        without("close_request", "hub accepted it"), "P71",
        ABSENT,
        steps=(Step("close_request", {"n": "B", "g": "SG1", "h": "HUB1"}),),
        rules=("close_request",),
    ),
    Case(
        "a request that no hub accepted is closed, and nobody asks for the mail",
        without("close_request", "hub accepted it"), "P83",
        ABSENT,
        steps=(Step("close_request", {"n": "B", "g": "SG1", "h": "HUB1"}),),
        rules=("close_request",),
    ),
    Case(
        "mail that is offered and lacking is dropped",
        without("drop_duplicate", "database lists it"), "P84", LOST,
        steps=(mine("drop_duplicate"),), rules=("drop_duplicate",),
    ),
    Case(
        "the dumpster of a hub is not bounded",
        setting("keep_mail", "floor", lambda f, v: f), "P74",
        (*HUB, "configure_dumpster size=1500 age=604800000", SENT, OTHER), rules=("keep_mail",),
    ),
    Case(
        "the dumpster lets go of more than it must",
        setting("keep_mail", "floor", lambda f, v: v + 1), "P74",
        (*HUB, "configure_dumpster size=1500 age=604800000", SENT, OTHER), rules=("keep_mail",),
    ),
    Case(
        "a request that no hub accepted is closed, and what is to come back stands still",
        without("close_request", "hub accepted it"), "V10", ABSENT,
        steps=(Step("close_request", {"n": "B", "g": "SG1", "h": "HUB1"}),),
    ),
    Case(
        "a hub that was found down is asked again later than the retry time from now",
        setting("note_hub_absent", "failed_at", lambda f, v: v + 60_000), "V11", ABSENT,
    ),
    Case(
        "a stream forks above what its copy has, and nobody knows why mail is not there",
        setting("mount_lossy", "fork", lambda f, v: v + 1), "P149", LOST,
    ),
    Case(
        "a mount that may have lost something calls itself lossless, and nobody looks",
        setting("mount_lossy", "loss_exact", lambda f, v: lift(True, Bool)), "P152", LOST,
    ),
    Case(
        "a hub accepts a request and offers nothing",
        setting("accept_request", "round", lambda f, v: f), "P150", LOST,
    ),
    Case(
        "mail is found to be gone from a stream that nobody named",
        leaving("find_rolled_back", "gone_by", lambda f, v: f), "P151", LOST,
        steps=(mine("find_rolled_back"),),
    ),
]  # fmt: skip


def breaking_run(case: Case, model: Model) -> Run:
    """The run that the case tells, up to where its own steps may be taken."""
    run = tell(model, Instance(SMALL.members, case.settings), case.story)
    if not case.steps:
        return run
    taken = {step.rule for step in case.steps}
    first = next(
        (
            i
            for i, step in enumerate(run.steps)
            if step.rule in ("accept_request", "start_hub")
            or (step.rule in taken and step.args.get("n") == "B")
        ),
        len(run.steps) - 1,
    )
    return Run(run.instance, (*run.steps[: first + 1], *completed(model, run, first, case.steps)))


def completed(model: Model, run: Run, first: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps with the arguments that guards bind, in the state after step number `first`."""
    reader = Reader(model, run.instance)
    state = reader.initial()
    found: list[Step] = []
    for step in run.steps[: first + 1]:
        reader.fill(state)
        reader.apply(state, step)
    for step in steps:
        whole = reader.complete(state, step.rule, step.args)
        reader.apply(state, whole)
        found.append(whole)
    return tuple(found)


def promise(model: Model, number: str) -> Any:
    """A promise of the model."""
    found = model.numbered(number)
    assert found is not None
    return found


@pytest.mark.seed("S-118", "S-120", "S-121", "S-122", "S-127")
@pytest.mark.parametrize("case", CASES, ids=[c.says for c in CASES])
def test_without_this_mail_is_lost_or_doubled(case: Case) -> None:
    model = case.weaken(CCR)
    assert confirm(model, breaking_run(case, model), promise(model, case.number)) is not None


def test_mail_that_is_called_gone_before_its_hub_is_asked_has_no_reason() -> None:
    model = without("find_rolled_back", "its hub is or was asked")(CCR)
    model = model.with_rule(model.rule("record_request").changed(trigger="command"))
    told = tell(model, SMALL, LOST)
    run = Run(told.instance, (*told.steps, mine("find_rolled_back")))
    last = completed(model, run, len(told.steps) - 1, (mine("find_rolled_back"),))
    found = Run(told.instance, (*told.steps, *last))
    assert confirm(model, found, promise(model, "P83")) is not None


def test_a_loss_counted_from_files_that_a_seed_deleted_is_none_and_that_is_refused() -> None:
    model = without("count_loss", "its files are there")(CCR)
    seed = ("power_on n=A", "wait 10000", "begin_seed n=A g=SG1 delete=true manual=false")
    story = (*HUB, SENT, "fail_hub h=HUB1", "fail_node n=A", "wait 20000", *seed)
    told = tell(model, SMALL, story)
    count = Step("count_loss", {"n": "B", "g": "SG1", "final": 0, "unclosed": 0})
    run = Run(told.instance, (*told.steps, count))
    assert confirm(model, run, promise(model, "P84")) is not None
    assert Reader(CCR, SMALL).check(state_after(CCR, told), count) is not None


def state_after(model: Model, run: Run) -> State:
    """The state that a run ends in."""
    return list(run.states(Reader(model, run.instance)))[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [c for c in CASES if c.rules], ids=[c.says for c in CASES if c.rules]
)
def test_without_this_the_proof_is_open(case: Case) -> None:
    model = case.weaken(CCR)
    engine = Induction(model, SMALL)
    engine.steps = [s for s in engine.steps if s.rule.name in case.rules]
    leaning = [p for p in model.properties if p.number in (case.number, "L175", "L176")]
    results = engine.first_pass(leaning)
    assert {r.obligation.verdict for r in results} != {HOLDS}


@pytest.mark.parametrize("story", [LOST, DUPLICATE, TWICE], ids=["lost", "duplicate", "twice"])
def test_with_all_of_it_no_promise_about_mail_is_broken(story: tuple[str, ...]) -> None:
    run = tell(CCR, SMALL, story)
    for number in MAIL:
        assert confirm(CCR, run, promise(CCR, number)) is None
