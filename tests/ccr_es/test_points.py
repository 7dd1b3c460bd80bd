"""Points in time: numbers, dates, ages, cluster times, and the n-th last event of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.errors import CcrError, PointMalformed, PointNotFound
from ccr_es.state.points import date_of, duration_ms
from tests.ccr_es.making import made, opened


@pytest.fixture(name="cluster", scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with opened(made(tmp_path_factory.mktemp("points") / "ccr.db"), write=False) as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("point", "number"),
    [
        ("1", 1),
        ("11", 11),
        (" 4 ", 4),
        ("0s", 3),
        ("1s", 7),
        ("1000ms", 7),
        ("10999ms", 7),
        ("11s", 10),
        ("7d", 11),
        ("-0s", 11),
        ("-50s", 10),
        ("-1m", 7),
        ("2007-01-01T00:00:00Z", 3),
        ("2007-01-01T00:00:01Z", 7),
        ("2007-01-01T01:00:01+01:00", 7),
        ("2007-01-01T00:00:10.999", 7),
        ("2031-01-01T00:00:00Z", 11),
        ("NodeCrashed", 7),
        ("NodeCrashed~1", 7),
        ("Ticked~1", 11),
        ("Ticked~3", 4),
        ("ClusterCreated~1", 1),
    ],
)
def test_a_point_stands_for_the_last_event_at_or_before_it(
    cluster: Cluster, point: str, number: int
) -> None:
    assert cluster.number(point) == number
    assert cluster.at(point).state == cluster.state(number)


@pytest.mark.parametrize(
    ("point", "kind", "said"),
    [
        ("0", PointNotFound, "has no event 0. It has events 1 to 11"),
        ("12", PointNotFound, "has no event 12"),
        ("-2h", PointNotFound, "before cluster exch was created"),
        ("2006-12-31T23:59:59Z", PointNotFound, "before cluster exch was created"),
        ("PathCut", PointNotFound, "PathCut never happened"),
        ("Ticked~9", PointNotFound, "Ticked happened fewer than 9 times"),
        ("Ticked~0", PointMalformed, "Ticked~1 is the last one"),
        ("-5 apples", PointMalformed, "is not a duration"),
        ("yesterday evening", PointMalformed, "is not a point in time"),
        ("", PointMalformed, "is not a point in time"),
        ("2007-13-01T00:00:00Z", PointMalformed, "is not a point in time"),
    ],
)
def test_a_point_that_is_none_is_refused_with_what_to_write(
    cluster: Cluster, point: str, kind: type[CcrError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        cluster.number(point)


def test_an_age_counts_from_the_newest_event(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db")) as cluster:
        cluster.wait(3_600_000)
        assert cluster.number("-59m") == 11


@pytest.mark.parametrize(
    ("text", "ms"), [("250ms", 250), ("1.5s", 1_500), ("1h30m", 5_400_000), ("7d", 604_800_000)]
)
def test_a_duration_is_read_as_milliseconds(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "0.5ms", "1e3s", "9" * 20 + "d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(PointMalformed):
        duration_ms(text)


def test_a_cluster_time_has_a_date() -> None:
    assert date_of("2007-01-01T00:00:00Z", 61_250) == "2007-01-01T00:01:01.250Z"
    assert date_of("2007-01-01T00:00:00+02:00", 0) == "2006-12-31T22:00:00.000Z"
