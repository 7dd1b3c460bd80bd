"""What `ccr network` does and shows beyond cutting and healing.

Sits above `session`, `acting` and `hosts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

import click

from cli.frame.errors import BadPair
from cli.frame.output import answer, document, duration, table
from cli.network import hosts
from cli.network.backlog import Share, bandwidth_of, log_time, resynchronized
from cli.session.acting import Wanted, perform
from cli.session.session import Session, reading
from models.plain.layout import Value


def show_networks(as_of: str | None, as_json: bool) -> None:
    """`ccr network show`."""
    with reading(as_of) as session:
        lens, state = session.lens, session.state
        rows = hosts.rows(lens, state)
        used = {n: hosts.in_use(lens, state, n) for n in lens.nodes}
        passive = [n for n in lens.nodes if lens.role(state, n) == "passive"]
    if as_json:
        document("networks", {"adapters": rows, "fetches_over": used})
        return
    table(
        ("network", "node", "role", "public", "host name", "address", "names"),
        [
            (
                r["network"], r["node"], r["role"], "yes" if r["public"] else "",
                r["host_name"], r["address"],
                "" if r["host_name"] is None else "operational" if r["operational"] else "failed",
            )
            for r in rows
        ],
    )  # fmt: skip
    for n in passive:
        answer()
        answer(f"{n} fetches logs over: {used[n]}")


def limit_network(name: str, bandwidth: int, clients: int, reason: str, as_json: bool) -> None:
    """`ccr network limit`: the durations that follow from it are recorded with it."""

    def steps(session: Session) -> list[Wanted]:
        session.member("Network", name)
        parameters = session.reader.layout.parameters
        log = Share(bandwidth, clients).log_time(len(session.lens.groups)) if bandwidth else 0
        seed = parameters["seed_time"] * log // max(1, parameters["copy_time"])
        times: dict[str, Value] = {"log_time": log, "seed_time": seed}
        said: dict[str, Value] = {"w": name, "bandwidth": bandwidth, "clients": clients}
        return [("load_network", {**said, **times})]

    perform(steps, reason=reason, as_json=as_json)


def show_load(backlog: int, as_of: str | None, as_json: bool) -> None:
    """`ccr network load`."""
    with reading(as_of) as session:
        found = {w: _load(session, w, backlog) for w in session.lens.networks}
    if as_json:
        document("network.load", {"backlog": backlog, "networks": found})
        return
    table(
        ("network", "kB/s", "clients ask", "logs get", "clients get", "a log", "caught up in"),
        [
            (
                w, x["bandwidth"], x["clients_ask"], x["logs_get"], x["clients_get"],
                duration(x["log_time"]), "-" if x["caught_up_in"] is None
                else duration(x["caught_up_in"]),
            )
            for w, x in found.items()
        ],
    )  # fmt: skip
    for w, x in found.items():
        if x["starved_percent"]:
            answer(f"while logs are copied over {w}, clients lack {x['starved_percent']} % of it")


def _load(session: Session, network: str, backlog: int) -> dict[str, Any]:
    """One network; `caught_up_in` is None if it may not carry logs, or nothing is caught up."""
    share, groups = bandwidth_of(session, network), session.lens.groups
    usable = any(
        r["network"] == network and r["operational"]
        for r in hosts.rows(session.lens, session.state)
    )
    may = bool(session.state[f"interface.{network}.public"]) or usable
    times = resynchronized(session, groups if may else (), extra=backlog, over=network)
    known = [t for t in times.values() if t is not None]
    return {
        "bandwidth": share.bandwidth,
        "clients_ask": share.clients,
        "logs_get": share.logs,
        "clients_get": share.clients_get,
        "starved_percent": share.starved_percent,
        "log_time": log_time(session, network),
        "caught_up_in": max(known) if may and len(known) == len(groups) else None,
    }


def check_networks(as_of: str | None, as_json: bool) -> None:
    """`ccr network check`. Exit 1 if something is lacking."""
    with reading(as_of) as session:
        found = list(hosts.lacking(session.lens, session.state))
    if as_json:
        keys = ("network", "problem", "advice")
        document("network.check", {"problems": [dict(zip(keys, x, strict=True)) for x in found]})
    elif found:
        table(("network", "problem", "advice"), found)
    else:
        answer("nothing stands against log shipping over the replication networks")
    if found:
        raise click.exceptions.Exit(1)


def enable_name(network: str, node: str, ip: str, reason: str, as_json: bool) -> None:
    """`ccr network enable`: where another network is public this one stops being so."""
    try:
        address = int(IPv4Address(ip))
    except AddressValueError:
        raise BadPair(f"{ip!r} is not an IPv4 address", "Write --ip 10.0.1.1") from None

    def steps(session: Session) -> list[Wanted]:
        state, lens = session.state, session.lens
        public = [w for w in lens.networks if state[f"interface.{w}.public"]]
        todo: list[Wanted] = [("enable_host_name", {"w": network, "n": node, "address": address})]
        mixed = state.get(f"interface.{network}.role") == "MIXED"
        if mixed and network in public and len(public) > 1:
            away: dict[str, Value] = {"w": network, "role": "MIXED", "public": False}
            return [("configure_network", away), *todo]
        return todo

    perform(steps, reason=reason, as_json=as_json)


def set_adapter(
    network: str, node: str, changed: Mapping[str, bool | None], reason: str, as_json: bool
) -> None:
    """`ccr network adapter`: what is not named stays."""

    def steps(session: Session) -> list[Wanted]:
        at = f"interface.{session.member('Network', network)}"
        session.member("Node", node)
        settings: dict[str, Value] = {
            name: bool(session.state[f"{at}.{name}.{node}"]) if value is None else value
            for name, value in changed.items()
        }
        return [("configure_adapter", {"w": network, "n": node, **settings})]

    perform(steps, reason=reason, as_json=as_json)
