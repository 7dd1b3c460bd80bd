"""What `ccr store` does: the lines of an export are read by an import, without a file between."""

from __future__ import annotations

from ccr_es.cluster.cluster import Cluster
from ccr_es.record.interchange import export, import_log
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.frame.output import answer, document
from cli.session.session import model_in_use


def copy_log(target: str, as_json: bool) -> None:
    """`ccr store copy`. Raises what an import raises; then nothing was written."""
    chosen = settings()
    with Store.open(chosen.store) as source:
        name = source.chosen(chosen.cluster)
        with Store.create(target) as copy:
            _, head = import_log(copy, export(source, name))
            said = copy.path
    if as_json:
        body = {"cluster": name, "events": head.number, "head": head.hash, "store": said}
        document("store.copy", body)
    else:
        answer(f"log of cluster {name} copied to {said}: {head.number} events, head {head.hash}")


def keep_states(as_json: bool) -> None:
    """`ccr store checkpoint`. Raises as reading the log does; then what was kept stays."""
    chosen = settings()
    with Store.open(chosen.store, write=True) as store:
        cluster = Cluster.open(store, chosen.cluster, model_in_use())
        numbers, events = cluster.keep_again(), cluster.head.number
    if as_json:
        body = {"cluster": cluster.name, "events": events, "kept_after": list(numbers)}
        document("store.checkpoint", body)
    else:
        answer(f"cluster {cluster.name}: {events} events read, {len(numbers)} states kept")
