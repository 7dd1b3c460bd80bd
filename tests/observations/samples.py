"""The records of other systems, and twins of them: shuffled, shifted, with more stated.

A row is an object as it stands on a line (or in the list) of the record.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ccr_es.observations import ObservationReport, audit_observations

DATA = Path(__file__).parents[1] / "data"
FAILOVER = DATA / "pgaf_2021" / "failover.jsonl"
SWITCHOVER = DATA / "pgaf_2021" / "switchover.jsonl"
UNREACHABLE = DATA / "pgaf_2021" / "unreachable.jsonl"
EVENTS = DATA / "pgaf_2021" / "events.json"
LEADER_KILL = DATA / "patroni_2024" / "leader_kill.jsonl"
HISTORY = DATA / "patroni_2024" / "history.json"
REPMGR = DATA / "repmgr_2021" / "events.jsonl"
RECORDS = (FAILOVER, SWITCHOVER, UNREACHABLE, EVENTS, LEADER_KILL, HISTORY, REPMGR)
Fact = dict[str, Any]


def facts(path: Path) -> list[Fact]:
    """Every row of a record of JSON lines, the `_meta` line first."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def audited(folder: Path, rows: list[Fact], **meta: Any) -> ObservationReport:
    """The audit of rows, with more stated about themselves."""
    if meta:
        stated = {**rows[0].get("_meta", {}), **meta}
        rows = [{"_meta": stated}, *(r for r in rows if "_meta" not in r)]
    file = folder / "record.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return audit_observations(file)


def shuffled(rows: list[Fact], seed: int = 7) -> list[Fact]:
    """The same rows in another order."""
    found = list(rows)
    random.Random(seed).shuffle(found)
    return found


def later(stamp: str, seconds: float) -> str:
    """A stamp put forward, in the form it has."""
    form = "%H:%M:%S" if len(stamp) == 8 else "%Y-%m-%dT%H:%M:%S"
    zone = "Z" if stamp.endswith("Z") else ""
    text = stamp.removesuffix("Z")
    form += ".%f" if "." in text else ""
    when = datetime.strptime(text, form) + timedelta(seconds=seconds)
    return f"{when.strftime(form)}{zone}"


def shifted(
    rows: list[Fact], seconds: float, which: Callable[[Fact], bool] = lambda _row: True
) -> list[Fact]:
    """The stamps of some rows put forward."""
    return [{**r, "ts": later(r["ts"], seconds)} if "ts" in r and which(r) else r for r in rows]
