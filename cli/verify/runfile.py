"""Runs as files: told apart from event files, and imported as a cluster whose log is the run.

A run says its members and parameters, so the cluster it becomes is the one it happened in. Imports
no z3.
"""

from __future__ import annotations

import json
from pathlib import Path

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.store.store import Store
from cli.cluster.injecting import acts_of, read_run
from cli.frame.base import settings
from cli.session.acting import play
from cli.session.session import Session
from cli.session.subject import subject
from specs.rendering.itf import SUFFIX
from specs.runs import FORMAT, Run


def is_run(path: Path) -> bool:
    """Whether the file begins with the head of a run. Raises `OSError`."""
    with path.open(encoding="utf-8", errors="replace") as file:
        if path.name.endswith(SUFFIX):
            return True
        try:
            head = json.loads(file.readline())
        except ValueError:
            return False
    return isinstance(head, dict) and head.get("format") == FORMAT


def import_run(path: Path) -> tuple[str, int]:
    """The run as a new cluster of the store: its name and number of events. Raises `RunMalformed`,
    `ClusterExists` ...
    """
    model = subject().model
    run = read_run(path, model)
    config = config_of_run(run, settings().cluster or path.stem.split(".")[0])
    config.created(model, "")
    with Store.create(settings().store) as store:
        session = Session(Cluster.create(store, config, model, reason=f"run from {path.name}"))
        play(session, acts_of(run, model))
        return config.name, session.fold.number


def config_of_run(run: Run, name: str) -> ClusterConfig:
    """The cluster in which a run happened. A model without storage groups has the usual one."""
    plain = ClusterConfig(name)
    members = run.instance.members
    return ClusterConfig(
        name,
        nodes=members.get("Node", plain.nodes),
        networks=dict.fromkeys(members.get("Network", plain.networks), "mixed"),
        storage_groups=members.get("Group", plain.storage_groups),
        parameters=dict(run.instance.parameters),
        members={k: v for k, v in members.items() if k not in ("Node", "Network", "Group")},
    )
