"""`ccr cluster create`: the description checked, event 1 written, both nodes powered on, and the
wait until it serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig, config_from_toml, config_of
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.frame.errors import NotFinished
from cli.frame.pairs import pairs_of_numbers
from cli.places.places import WITNESS
from cli.places.siting import describe, pairs_of_text, site_facts
from cli.places.surroundings import checked
from cli.session.acting import fire, report, settle, wait_until
from cli.session.presets import DIALS, PRESETS, release
from cli.session.session import Session
from cli.session.views import storage_groups
from models.ccr.model import CCR
from models.plain.layout import State, Value

PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Options:
    """What the command line says of a cluster: `given` are keys of `ClusterConfig`; `release` and
    `dial` are names; `changed` are `PARAMETER=VALUE`; `path` is a description in TOML.
    """

    given: Mapping[str, Any]
    release: str | None
    dial: str | None
    changed: Sequence[str]
    path: Path | None


def create_cluster(options: Options, *, start: bool, wait: bool, as_json: bool) -> None:
    """Create, (if `start`) power the nodes on, and (if `wait`) let time pass until every storage
    group is mounted.
    """
    config = _config(options)
    config.created(CCR, "")
    checked(config.described, {}, config.nodes)
    with Store.create(settings().store) as store:
        session = Session(Cluster.create(store, config, CCR))
        recorded = list(session.cluster.events(1, 1))
        recorded += describe(session, config.described)
        for args in _set_up(config.networks):
            recorded += fire(session, "configure_network", args)
        for node in config.nodes if start else ():
            recorded += fire(session, "power_on", {"n": node})
        recorded += settle(session)
        came = True
        if wait:
            more, came = wait_until(session, lambda state: ready(session, state), PATIENCE_MS)
            recorded += more
        report(session, recorded, as_json)
        if not came:
            raise NotFinished(
                f"cluster {config.name} exists but does not serve yet", "See `ccr cluster show`"
            )


def _set_up(networks: Mapping[str, str]) -> Iterator[dict[str, Value]]:
    """What each network is for, where it is not the default: mixed, with the nodes' own names on
    it. Beside a network for clients a mixed one does not have them.
    """
    beside = "public" in networks.values()
    for name, role in networks.items():
        public = role == "public" or (role == "mixed" and not beside)
        if role != "mixed" or not public:
            yield {"w": name, "role": role.upper(), "public": public}


def ready(session: Session, state: State) -> bool:
    """The CMS is online, every storage group is mounted, and its passive copy is healthy."""
    lens = session.lens
    if lens.cms(state)[0] != "Online":
        return False
    copies = storage_groups(lens, state).values()
    return all(x["status"] == "Healthy" for x in copies)


def _config(options: Options) -> ClusterConfig:
    """What is set by name goes over the release, and both over the description."""
    if options.path:
        config = config_from_toml(options.path, PRESETS, **options.given)
    else:
        config = config_of({}, PRESETS, **options.given)
    parameters = dict(config.parameters)
    dial = parameters.get("dial") if options.dial is None else DIALS[options.dial]
    if options.release is not None:
        parameters |= release(options.release, dial)
    if dial is not None:
        parameters["dial"] = dial
    parameters |= pairs_of_numbers(options.changed)
    return replace(config, parameters=parameters)


def described(sites: Sequence[str], witness: str | None) -> dict[str, str]:
    """`--site` and `--witness-site` as facts. Raises `BadPair`."""
    named = pairs_of_text(sites) | ({WITNESS: witness} if witness else {})
    return site_facts(named)
