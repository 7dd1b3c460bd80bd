"""`python -m specs.proof.induction MODULE:MODEL [PROPERTY...]`: the induction as a person wants it
who writes lemmas.

One line per obligation that fails (with `--cti` its counterexample to induction), then a summary
with timings. This shows the first pass, in which every invariant is assumed; `--settle` also
asks again what rests on an unproved one.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections import defaultdict

from models.language.model import Instance, Model, Property, small_instance

from ..verdict import HOLDS
from .induction import RLIMIT, Induction
from .settling import Result


def load(path: str) -> object:
    """The object named `package.module:NAME`."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def main(arguments: list[str] | None = None) -> int:
    """Run it; returns 0 if everything asked holds, else 1."""
    options = _options().parse_args(arguments)
    model, instance = _loaded(options)
    fixed = (
        {n: d for n, (d, _) in model.schema.parameters.items()}
        if options.fixed or options.set
        else {}
    )
    fixed.update((n, int(v)) for n, _, v in (s.partition("=") for s in options.set))
    start = time.perf_counter()
    engine = Induction(model, instance, fixed, options.rlimit)
    built = time.perf_counter() - start
    wanted = [_property(model, n) for n in options.properties] or list(model.properties)
    rules = set(options.rule)
    if rules:
        engine.steps = [s for s in engine.steps if rules & {s.rule.name, f"R{s.rule.number:03d}"}]
    results: list[Result] = []
    for result in engine.first_pass(wanted):
        results.append(result)
        _show(model, result, options)
    if options.settle:
        results = engine.settle(results)
    print(f"built in {built:.1f} s, asked in {time.perf_counter() - start - built:.1f} s")
    _summary(model, results, options)
    return 0 if all(r.obligation.verdict == HOLDS for r in results) else 1


def _loaded(options: argparse.Namespace) -> tuple[Model, Instance]:
    model = load(options.model)
    assert isinstance(model, Model)
    instance = load(options.instance) if options.instance else small_instance(model)
    assert isinstance(instance, Instance)
    return model, instance


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m specs.proof.induction", description=__doc__)
    parser.add_argument("model", help="package.module:NAME of a Model")
    parser.add_argument("properties", nargs="*", help="numbers or names; default: all")
    parser.add_argument(
        "--instance",
        help="package.module:NAME of an Instance; default: two of each, one of each tracked",
    )
    parser.add_argument(
        "--rule", action="append", default=[], help="only this rule (name or Rnnn); may be repeated"
    )
    parser.add_argument("--cti", action="store_true", help="show each counterexample to induction")
    parser.add_argument("--full", action="store_true", help="with --cti: every key of the state")
    parser.add_argument(
        "--uses",
        action="store_true",
        help="which invariants each property's proof used, and which none used",
    )
    parser.add_argument(
        "--settle", action="store_true", help="ask again what rests on an unproved invariant"
    )
    parser.add_argument(
        "--slow", type=int, default=0, metavar="N", help="the N slowest obligations"
    )
    parser.add_argument(
        "--fixed", action="store_true", help="parameters at their defaults instead of symbolic"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", help="implies --fixed"
    )
    parser.add_argument("--rlimit", type=int, default=RLIMIT)
    return parser


def _property(model: Model, name: str) -> Property:
    found = model.numbered(name)
    if not isinstance(found, Property):
        raise SystemExit(f"{model.name} has no property {name}")
    return found


def _show(model: Model, result: Result, options: argparse.Namespace) -> None:
    o = result.obligation
    if o.verdict == HOLDS:
        return
    prop = _property(model, o.property)
    print(
        f"{o.verdict.upper():8} {prop.label:40} {o.rule:50} {o.seconds:6.2f} s  {o.detail}",
        flush=True,
    )
    if options.cti and result.cti is not None:
        print("\n".join("    " + line for line in result.cti.lines(options.full)), flush=True)


def _summary(model: Model, results: list[Result], options: argparse.Namespace) -> None:
    grouped: dict[str, list[Result]] = defaultdict(list)
    for r in results:
        grouped[r.obligation.property].append(r)
    used = {u for r in results for u in r.obligation.uses}
    for number, found in grouped.items():
        bad = sum(r.obligation.verdict != HOLDS for r in found)
        asked = sum(r.obligation.method != "frame" for r in found)
        seconds = sum(r.obligation.seconds for r in found)
        head = f"{'FAILS' if bad else 'ok':6} {_property(model, number).label:45}"
        line = f"{head} {bad:3}/{asked:3} {seconds:6.2f} s"
        needs = sorted({u for r in found for u in r.obligation.uses} - {number})
        print(line + (f"  uses {' '.join(needs)}" if options.uses else ""))
    if options.uses:
        print("used by no other proof:", " ".join(n for n in grouped if n not in used) or "none")
    for r in sorted(results, key=lambda r: -r.obligation.seconds)[: options.slow]:
        print(f"slow   {r.obligation.seconds:6.2f} s {r.obligation.property} {r.obligation.rule}")
    bad = sum(r.obligation.verdict != HOLDS for r in results)
    frames = sum(r.obligation.method == "frame" for r in results)
    print(f"{len(results)} obligations: {len(results) - bad} hold ({frames} by frame), {bad} open")
