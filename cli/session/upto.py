"""A cluster's log up to a point, as a source for the audit and the check. Imports no z3."""

from __future__ import annotations

from ccr_es.audit.sources import StoreSource
from ccr_es.cluster.cluster import Cluster
from ccr_es.state.fold import Fold
from ccr_es.store.store import Store
from cli.session.session import model_in_use


class UpTo(StoreSource):
    """The events of a cluster up to a number; what comes later is not looked at."""

    def __init__(self, store: Store, cluster: str, last: int) -> None:
        super().__init__(store, cluster)
        self._last = last
        self.name = f"{self.name} up to event {last}"

    def _highest(self) -> int:
        return min(self._last, super()._highest())

    def end(self, fold: Fold) -> list[str]:
        """Nothing ends here."""
        return []


def source_upto(store: Store, cluster: str, as_of: str | None) -> StoreSource:
    """The whole log, or up to a point. Raises `PointMalformed` or `PointNotFound`."""
    if as_of is None:
        return StoreSource(store, cluster)
    return UpTo(store, cluster, Cluster.open(store, cluster, model_in_use()).number(as_of))
