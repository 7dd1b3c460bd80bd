"""Of the groundings that differ in an argument which a row names, only the named one is watched:
nothing that is enabled is overlooked.
"""

from __future__ import annotations

from models.ccr.model import CCR
from models.language.model import Instance
from models.plain.agenda import Agenda
from models.plain.driver import Driver
from models.plain.pins import pins_of
from models.plain.reader import Reader

MEMBERS = {"Node": ("A", "B"), "Network": ("net1",), "Group": ("SG1", "SG2")}
STORY = (
    ("add_hub", {"h": "HUB1", "skew": 0}),
    ("add_hub", {"h": "HUB2", "skew": 0}),
    ("submit_mail", {"h": "HUB2", "m": "x", "g": "SG2", "count": 1, "size": 9, "records": 60}),
    ("submit_mail", {"h": "HUB1", "m": "y", "g": "SG2", "count": 1, "size": 9, "records": 60}),
    ("fail_node", {"n": "A"}),
)


def enabled(reader: Reader, state: dict[str, bool | int | str]) -> set[tuple[str, ...]]:
    """Every enabled consequence, by looking at each grounding there is."""
    found = set()
    for rule in reader.model.rules.values():
        if rule.trigger != "consequence":
            continue
        for binding in reader.layout.groundings(rule.keyed):
            if reader.grounded(rule.name, binding).ready(state, int(state["clock.now"])):
                found.add((rule.name, *binding.values()))
    return found


def seen(agenda: Agenda) -> set[tuple[str, ...]]:
    """Every enabled consequence, by the agenda."""
    return {(g.rule.name, *g.binding.values()) for g in agenda.enabled()}


def test_nothing_that_is_enabled_is_overlooked_when_a_row_names_another_member() -> None:
    reader = Reader(CCR, Instance(MEMBERS))
    driver = Driver(reader, reader.initial())
    for node in "AB":
        driver.fire(reader.complete(driver.state, "power_on", {"n": node}))
    driver.wait(20_000)
    mail = 0
    for rule, args in STORY:
        driver.fire(reader.complete(driver.state, rule, args))
        for _ in driver.settling():
            now = seen(driver.agenda)
            assert now == enabled(reader, driver.state)
            mail += sum("mail" in name for name, *_ in now)
    assert mail
    driver.wait(60_000)
    assert driver.state["mail.y.store"] == "B"
    put_back = Agenda(reader, driver.state)
    assert seen(put_back) == enabled(reader, driver.state)


def test_a_condition_among_others_pins_and_an_alternative_does_not() -> None:
    pins = pins_of(CCR.rule("deliver_mail"))
    assert {name: repr(field) for name, field in pins.items()} == {
        "h": "mail[m].hub", "g": "mail[m].group",
    }  # fmt: skip
    assert pins_of(CCR.rule("write_records")) == {}
