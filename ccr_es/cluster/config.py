"""What a cluster is made of, before it exists: from options or a TOML file, checked, and read as a
model's instance.

Everything here ends up in the arguments of `ClusterCreated`, and what is described in those of
`ClusterDescribed`; there is no other hidden state.
Imports `models`; must not import the store.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.language.misuse import ModelError
from models.language.model import Instance, Model
from models.plain.layout import Layout

from ..errors import BadConfig, FileUnreadable
from ..record.events import INTEGER_MAX, ClusterCreatedArgs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z")
ROLES = ("mixed", "private", "public")
"""What a network carries: clients and heartbeats, heartbeats alone, or clients alone."""

STARTS = "2007-01-01T00:00:00Z"
"""The date of simulated time 0 unless the configuration says otherwise; fixed, so that a seed gives
one log.
"""


@dataclass(frozen=True)
class ClusterConfig:
    """A cluster to be created.

    Names are letters, digits, `-` and `_`; `networks` maps a name to its role.
    """

    name: str
    nodes: tuple[str, ...] = ("A", "B")
    networks: Mapping[str, str] = field(default_factory=lambda: {"LAN": "mixed"})
    storage_groups: tuple[str, ...] = ("SG1",)
    witness: str = ""
    parameters: Mapping[str, int] = field(default_factory=dict)
    preset: str = ""
    seed: int = 0
    starts: str = STARTS
    described: Mapping[str, str] = field(default_factory=dict)
    """Facts about the surroundings, for `ClusterDescribed`; tables in it are joined by dots."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Members of further id sorts, for a model that has other ones than Node, Network and Group."""

    def instance(self, model: Model) -> Instance:
        """The instance of `model` that this describes.

        Raises `BadConfig` for what does not fit the model.
        """
        named = {
            "Node": self.nodes,
            "Network": tuple(self.networks),
            "Group": self.storage_groups,
            **self.members,
        }
        sorts = model.schema.identities
        missing = [s.name for s in sorts if s.name not in named and not s.open]
        if missing:
            raise BadConfig(
                f"the model {model.name} needs members of {', '.join(missing)}",
                "Give them under members",
            )
        members = {s.name: named[s.name] for s in sorts if s.name in named}
        instance = Instance(members, dict(self.parameters))
        try:
            Layout(model.schema, instance)
        except ModelError as error:
            raise BadConfig(f"cluster {self.name}: {error}") from None
        return instance

    def created(self, model: Model, model_hash: str) -> ClusterCreatedArgs:
        """The arguments of event 1; `model_hash` is that of the model's data.

        Raises `BadConfig`.
        """
        self._check()
        instance = self.instance(model)
        return ClusterCreatedArgs(
            members=dict(sorted(instance.members.items())),
            model_hash=model_hash,
            name=self.name,
            networks=dict(sorted(self.networks.items())),
            parameters=dict(sorted(self.parameters.items())),
            preset=self.preset,
            seed=self.seed,
            starts=self.starts,
            witness=self.witness,
        )

    def _check(self) -> None:
        _unlike([self.name], "cluster name")
        if len(self.nodes) != 2:
            raise BadConfig(f"a cluster has two nodes, not {len(self.nodes)}", "Name them as A,B")
        _unlike(self.nodes, "node")
        _unlike(self.networks, "network")
        _unlike(self.storage_groups, "storage group")
        if not self.networks or not self.storage_groups:
            raise BadConfig("a cluster needs a network and a storage group")
        for name, role in self.networks.items():
            if role not in ROLES:
                raise BadConfig(f"network {name} has the role {role!r}", f"Use {', '.join(ROLES)}")
        for sort, names in self.members.items():
            _unlike(names, sort)
        for name, value in {**self.parameters, "seed": self.seed}.items():
            if type(value) is not int or not -INTEGER_MAX <= value <= INTEGER_MAX:
                raise BadConfig(f"{name} is a whole number, not {value!r}")
        starts_at(self.starts)


def _unlike(names: Any, what: str) -> None:
    """Every name is well formed and there is no name twice."""
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not _NAME.match(name):
            raise BadConfig(
                f"{name!r} is not a {what}",
                "Use letters, digits, - and _, at most 63, a letter or digit first",
            )
        if name.lower() in seen:
            raise BadConfig(f"{what} {name} is named twice")
        seen.add(name.lower())


def starts_at(text: str) -> datetime:
    """The date of simulated time 0. Raises `BadConfig` if it is not RFC 3339 with a zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadConfig(f"starts is {text!r}", f"Write an RFC 3339 time such as {STARTS}") from None
    if found.tzinfo is None:
        raise BadConfig(f"starts is {text!r}, which has no time zone", f"Write it as {STARTS}")
    return found.astimezone(UTC)


_KEYS: Mapping[str, type] = {
    "name": str,
    "nodes": list,
    "networks": dict,
    "storage_groups": list,
    "witness": str,
    "parameters": dict,
    "preset": str,
    "seed": int,
    "starts": str,
    "described": dict,
    "members": dict,
}
_WORDS = {str: "text", list: "list", dict: "table", int: "whole number"}


def config_from_toml(
    path: Path, presets: Mapping[str, Mapping[str, int]] | None = None, **options: Any
) -> ClusterConfig:
    """The configuration in a TOML file; `options` that are not None go over it.

    Raises `FileUnreadable` or `BadConfig`.

    Keys are those of `ClusterConfig`, in a table `cluster` or at the top.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from None
    table = data.get("cluster", data)
    if not isinstance(table, dict):
        raise BadConfig(f"{path}: cluster is a table")
    return config_of(table, presets, str(path), **options)


def config_of(
    table: Mapping[str, Any],
    presets: Mapping[str, Mapping[str, int]] | None = None,
    where: str = "options",
    **options: Any,
) -> ClusterConfig:
    """The configuration in a table, with `options` that are not None over it, on top of its
    preset's parameters.
    """
    merged = {**table, **{k: v for k, v in options.items() if v is not None}}
    for key, value in merged.items():
        wanted = _KEYS.get(key)
        if wanted is None:
            raise BadConfig(f"{where}: there is no key {key}", f"There are {', '.join(_KEYS)}")
        kinds = (list, tuple) if wanted is list else wanted
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise BadConfig(f"{where}: {key} is a {_WORDS[wanted]}, not {value!r}")
    if "name" not in merged:
        raise BadConfig(f"{where}: the cluster has no name")
    preset = merged.get("preset", "")
    known: Mapping[str, Mapping[str, int]] = presets or {}
    if preset and preset not in known:
        raise BadConfig(
            f"{where}: there is no preset {preset}", f"There are {', '.join(known) or 'none'}"
        )
    lists: dict[str, Any] = {
        k: tuple(merged[k]) for k in ("nodes", "storage_groups") if k in merged
    }
    members: dict[str, tuple[str, ...]] = {}
    for sort, names in merged.get("members", {}).items():
        if not isinstance(names, list | tuple):
            raise BadConfig(f"{where}: members.{sort} is a list, not {names!r}")
        members[sort] = tuple(names)
    given: dict[str, Any] = merged.get("parameters", {})
    parameters: dict[str, Any] = {**(known.get(preset) or {}), **given}
    described = dict(_joined(merged.get("described", {}), where))
    merged |= {**lists, "described": described, "members": members, "parameters": parameters}
    return ClusterConfig(**merged)


def _joined(table: Mapping[str, Any], where: str, before: str = "") -> Iterator[tuple[str, str]]:
    """`{site: {A: HQ}}` as `site.A`, `HQ`. Raises `BadConfig` for a value that is not text."""
    for key, value in table.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _joined(value, where, f"{name}.")
        elif isinstance(value, str):
            yield name, value
        else:
            raise BadConfig(f"{where}: described.{name} is text, not {value!r}")
