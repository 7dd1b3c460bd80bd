"""What only a PostgreSQL store meets: a server that is not there, rights, locks, other tables."""

from __future__ import annotations

import psycopg
import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import (
    ServerUnreachable,
    StoreDamaged,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreVersion,
)
from ccr_es.store.store import Store
from tests.ccr_es.making import failover
from tests.ccr_es.test_both_stores import change, schema
from tests.cli.calling import call, document, good
from tests.models.teaching import MODEL
from tests.servers import postgres


def stored() -> str:
    """A store with one cluster."""
    name = schema()
    with Store.create(name) as store:
        failover(Cluster.create(store, ClusterConfig("exch"), MODEL))
    return name


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    url = "postgresql://ccr:secret@127.0.0.1:1/mail"
    with pytest.raises(ServerUnreachable, match="cannot be reached") as caught:
        Store.open(url, timeout_seconds=1)
    assert "secret" not in str(caught.value)
    assert "postgresql://ccr@127.0.0.1:1/mail" in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql:///x?nonsense=1", "postgresql:///%zz"])
def test_what_is_no_url_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(StoreMissing, match="is not the URL of a database"):
        Store.open(url)


def test_a_schema_is_a_name() -> None:
    with pytest.raises(StoreMissing, match="is not the name of a schema"):
        Store.create(f"{postgres()}&schema=a;drop")


def test_a_user_without_rights_reads_and_may_not_write() -> None:
    name = stored()
    own = name.rpartition("=")[2]
    change(name, f"CREATE ROLE reader_{own} LOGIN")
    change(name, f"GRANT USAGE ON SCHEMA {own} TO reader_{own}")
    change(name, f"GRANT SELECT ON ALL TABLES IN SCHEMA {own} TO reader_{own}")
    theirs = name.replace("//ccr@", f"//reader_{own}@")
    with Store.open(theirs, write=True) as store:
        cluster = Cluster.open(store, None, MODEL)
        with pytest.raises(StoreReadOnly, match="may not be written by this user"):
            cluster.wait(5)
        assert store.head("exch").number == 11


def test_a_store_opened_to_read_cannot_write() -> None:
    with Store.open(stored()) as store, pytest.raises(StoreReadOnly):
        Cluster.open(store, None, MODEL).wait(5)


def test_a_locked_store_is_refused_after_the_timeout() -> None:
    name = stored()
    url, _, own = name.partition("&schema=")
    with psycopg.connect(url, options=f"-c search_path={own}") as holder:
        holder.execute("LOCK TABLE ccr_heads IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreLocked, match="is locked by another process"):
            Store.open(name, write=True, timeout_seconds=0.2).head("exch")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE ccr_format SET version = 99", StoreVersion),
        ("DROP TABLE ccr_heads", StoreDamaged),
    ],
)
def test_tables_that_are_not_ours_are_refused(statement: str, kind: type[Exception]) -> None:
    name = stored()
    change(name, statement)
    with pytest.raises(kind):
        Store.open(name).clusters()


def test_the_command_line_works_on_a_server_and_copies_a_log() -> None:
    name = schema()
    good(
        "cluster", "create", "MAIL", "--nodes", "A,B", "--witness", "//HUB/W", "--storage-groups",
        "SG1", "--store", name,
    )  # fmt: skip
    good("node", "fail", "A", "--store", name)
    good("wait", "60s", "--store", name)
    shown = document("cluster", "show", "--store", name)
    assert shown["serving"] == "B"
    target = schema()
    copied = document("store", "copy", target, "--store", name)
    again = document("cluster", "show", "--store", target)
    assert (copied["events"], again) == (shown["event"], shown)
    assert document("audit", "--store", target)["verdict"] == "holds"
    refused = call("store", "copy", target, "--store", name)
    assert (refused.exit_code, "already" in refused.stderr) == (1, True)
