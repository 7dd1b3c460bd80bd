"""Partial records for tests: runs of the teaching model, with events and fields taken out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ccr_es.partial import Asked, Declared, PartialReport, audit_partial
from models.language.model import Model
from models.plain.driver import Driver, Refused
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step
from tests.ccr_es.making import exported, made
from tests.models.teaching import INSTANCE, MODEL

Line = dict[str, Any]


@cache
def creation() -> bytes:
    """The first line of every record: the cluster's creation with its model."""
    with TemporaryDirectory() as folder:
        return exported(made(Path(folder) / "ccr.db"))[0]


class Told:
    """A run as its lines tell it, and the state after each of them."""

    def __init__(self, model: Model = MODEL) -> None:
        self.reader = Reader(model, INSTANCE)
        self.driver = Driver(self.reader, self.reader.initial())
        self.lines: list[Line] = []
        self.states: list[State] = [dict(self.driver.state)]

    def act(self, rule: str, **args: Value) -> None:
        """Somebody acts, and what follows happens; nothing if it is refused."""
        try:
            self._tell(self.driver.fire(Step(rule, args)))
        except Refused:
            return
        self._tell(self.driver.settle())

    def tell(self, rule: str, **args: Value) -> None:
        """One step alone."""
        self._tell([self.driver.take(Step(rule, args))])

    def wait(self, ms: int) -> None:
        """Time passes."""
        self._tell(self.driver.waiting(ms))

    def _tell(self, fired: Iterable[Any]) -> None:
        for f in fired:
            rule = self.reader.model.rule(f.step.rule)
            state = self.reader.evolve(self.states[-1], f.step)
            self.states.append(state)
            data = {"args": dict(f.step.args), "time": f.time, "number": len(self.states)}
            self.lines.append({"type": f"ccr:{rule.event}", "data": data})


def failed_over() -> Told:
    """A serves, its path is cut and healed, it crashes, and B takes over."""
    told = Told()
    told.wait(1_000)
    told.act("cut", n="B")
    told.act("heal", n="B")
    told.wait(2_000)
    told.act("crash", n="A")
    told.wait(30_000)
    return told


def without(
    lines: Iterable[Line], events: Collection[str] = (), fields: Collection[str] = ("number",)
) -> list[bytes]:
    """A record without these events, and without these fields of the others.

    `args.n` is an argument, anything else a field of `data`.
    """
    found = [creation()]
    for line in lines:
        if line["type"].removeprefix("ccr:") in events:
            continue
        data = {k: v for k, v in line["data"].items() if k not in fields}
        if "args" in data:
            data["args"] = {k: v for k, v in data["args"].items() if f"args.{k}" not in fields}
        found.append(json.dumps({**line, "data": data}, separators=(",", ":")).encode())
    return found


def rules(events: Collection[str], model: Model = MODEL) -> frozenset[str]:
    """The names of the rules of these events."""
    return frozenset(r.name for r in model.rules.values() if r.event in events)


def judged(
    lines: list[bytes], not_logged: Collection[str] = (), *asked: Asked, width: int = 256
) -> PartialReport:
    """The report on a record that lacks these events."""
    return audit_partial("record", lines, MODEL, Declared(rules(not_logged), width), asked)
