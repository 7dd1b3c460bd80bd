"""What the tools of other systems print is read as it is: a pipe table, a text log."""

from __future__ import annotations

import pytest

from ccr_es.observations import audit_observations
from tests.observations.twins import finding

EVENTS = (
    ("2", "two", "repmgrd_reload", "10:13:18", 'monitoring cluster primary "two" (ID: 2)'),
    ("2", "two", "repmgrd_failover_promote", "10:13:17", "node 2 promoted to primary; {old}"),
    ("2", "two", "standby_promote", "10:13:17", 'server "two" (ID: 2) was promoted'),
    ("1", "one", "child_node_reconnect", "10:08:58", 'standby node "two" (ID: 2) is back'),
)


def printed(rows):
    """The rows as `repmgr cluster event` prints them."""
    lines = [" Node ID | Name | Event | OK | Timestamp | Details", "---------+---+---+---+---+---"]
    lines += [f" {i} | {n} | {e} | t | 2031-02-03 {t} | {d}" for i, n, e, t, d in rows]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("old", ["old primary 1 marked", 'old primary "one" (ID: 1) marked'])
def test_repmgrs_own_table_is_read_newest_first(tmp_path, old):
    file = tmp_path / "events.txt"
    file.write_text(printed(EVENTS).format(old=old))
    report = audit_observations(file)
    assert report.record.mapping == "repmgr_table"
    assert report.record.ordered is True
    (change,) = report.as_json()["history"]
    assert (change["from"], change["to"], change["kind"]) == ("one", "two", "failover")
    assert [o.peer for o in report.observations if o.peer] == ["one"]


def test_pg_autoctls_text_log_is_read_and_the_lines_passed_over_are_counted(tmp_path):
    log = "30 INFO  New state for"
    lines = [
        "23:59:58 30 INFO  Monitor assigned a state",
        f'23:59:58 {log} node 4 "two" (two:5432): prepare_promotion ➜ stop_replication',
        f'00:00:01 {log} this node (node 6, "one") (o:1): wait_primary ➜ demote_timeout',
    ]
    file = tmp_path / "pg.log"
    file.write_text("\n".join(lines))
    report = audit_observations(file)
    assert report.record.mapping == "pg_autoctl_log"
    assert report.record.skipped == 1
    assert finding(report, "goal_reachable").lines == (3,)
    one, two = report.observations
    assert one.at - two.at == 3_000_000
