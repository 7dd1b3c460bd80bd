"""What `ccr audit` may be told about a record of another system: its mapping, and what is assumed
of its clocks.

`record_options` adds the options to a command and hands them on as one `Assumed`. Imports no
engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.frame.errors import BadPair

if TYPE_CHECKING:
    from ccr_es.observations import ObservationReport


@dataclass(frozen=True)
class Assumed:
    """The options: `mapping` a name or a file, `leads` as PARTY=SECONDS, `drift` in parts per
    million, `skew_max` in seconds; `least_skew` asks the solver.
    """

    mapping: str | None = None
    leads: tuple[str, ...] = ()
    drift: float | None = None
    skew_max: float | None = None
    least_skew: bool = False


_GLANCE = 65_536
NOTHING = Assumed()

_OPTIONS = (
    click.option(
        "--mapping",
        metavar="NAME|FILE.toml",
        help="How a record of another system is read; see `ccr explain mapping`.  [default: the"
        " one that fits]",
    ),
    click.option(
        "--lead",
        "leads",
        multiple=True,
        metavar="PARTY=SECONDS",
        help="For a record on several clocks: assume that this clock is ahead by so much.",
    ),
    click.option(
        "--drift",
        type=float,
        metavar="PPM",
        help="Assume that each clock's rate is off by at most so many parts per million.",
    ),
    click.option(
        "--skew-max",
        type=float,
        metavar="SECONDS",
        help="Assume that no two clocks are further apart than this.",
    ),
    click.option(
        "--least-skew",
        is_flag=True,
        help="Ask the prover how far apart the clocks must have been for another answer.",
    ),
)


def record_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options, handed on as `assumed`."""

    @wraps(function)
    def packed(
        *args: Any,
        mapping: str | None,
        leads: tuple[str, ...],
        drift: float | None,
        skew_max: float | None,
        least_skew: bool,
        **rest: Any,
    ) -> Any:
        assumed = Assumed(mapping, leads, drift, skew_max, least_skew)
        return function(*args, assumed=assumed, **rest)

    found: Callable[..., Any] = packed
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def is_record(path: Path, assumed: Assumed) -> bool:
    """Whether a file is to be read as a record of another system."""
    from ccr_es.observations import is_observations

    return assumed.mapping is not None or is_observations(path) or _is_strange(path)


def _is_strange(path: Path) -> bool:
    """Whether nothing in a file looks like an event of ours, or like a store: then it is a record
    that no mapping reads, and not a log that was tampered with.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_GLANCE)
    except (OSError, ValueError):
        return False
    return b'"specversion"' not in start and not start.startswith(b"SQLite format 3\0")


def audit_record(path: Path, assumed: Assumed) -> ObservationReport:
    """The audit of a record under what is assumed."""
    from ccr_es.observations import audit_observations, mapping_named

    mapping = None if assumed.mapping is None else mapping_named(assumed.mapping)
    leads = _leads(assumed.leads)
    report = audit_observations(path, leads, mapping, assumed.drift, assumed.skew_max)
    if assumed.least_skew:
        from cli.audit.skew import turnings

        report.turnings = turnings(report)
    return report


def _leads(pairs: Sequence[str]) -> dict[str, float]:
    found = {}
    for pair in pairs:
        name, equals, seconds = pair.partition("=")
        try:
            found[name] = float(seconds)
        except ValueError:
            equals = ""
        if not equals:
            raise BadPair(f"{pair!r} is not PARTY=SECONDS", "Write SVR13=0.5")
    return found
