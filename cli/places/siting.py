"""What `ccr site` and `ccr cluster describe` do: describe the surroundings, and make a fault of a
site or a line out of the faults it is the sum of, in one batch with one reason.

Sits above `places`, `surroundings` and `acting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccr_es.record.events import Recorded
from cli.frame.errors import BadPair, NoSuchSite
from cli.frame.output import answer, document, table
from cli.places import places as at
from cli.places.places import Line, Places, places_of
from cli.places.surroundings import FACTS, checked
from cli.session.acting import Wanted, perform, report
from cli.session.session import Session, reading, writing
from models.plain.reader import Step


def describe(session: Session, facts: Mapping[str, str], reason: str = "") -> list[Recorded]:
    """Record facts that are news. Raises `BadFact` or `UnknownMember`."""
    known = session.fold.described
    state = session.state
    named = (k.removeprefix(at.NODE_KEY) for k in {**known, **facts})
    servers = [m for m in named if at.kind_of(state, m) is not None]
    checked(facts, known, session.lens.nodes, servers)
    news = {k: v for k, v in facts.items() if known.get(k, "") != v}
    return session.cluster.describe(news, reason=reason) if news else []


def describe_cluster(pairs: Sequence[str], reason: str, as_json: bool) -> None:
    """`ccr cluster describe` with facts."""
    with writing() as session:
        report(session, describe(session, pairs_of_text(pairs), reason), as_json)


def show_description(as_of: str | None, as_json: bool) -> None:
    """`ccr cluster describe` without facts: what was said, and what there is to say."""
    with reading(as_of) as session:
        facts = session.fold.described
    if as_json:
        document("description", {"facts": facts})
        return
    table(("fact", "value"), sorted(facts.items()))
    answer()
    table(("may be described", "as", "says"), [(f.key, f.shape, f.about) for f in FACTS])


def pairs_of_text(pairs: Sequence[str]) -> dict[str, str]:
    """`witness.role=hub` as a fact. Raises `BadPair`."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadPair(f"{pair!r} is not KEY=VALUE", "Write witness.role=hub")
        found[name] = value
    return found


def set_sites(pairs: Sequence[str], reason: str, as_json: bool) -> None:
    """`ccr site set`."""
    named = pairs_of_text(pairs)
    with writing() as session:
        report(session, describe(session, site_facts(named), reason), as_json)


def site_facts(named: Mapping[str, str]) -> dict[str, str]:
    """Node, or `witness`, to site, as facts."""
    return {at.WITNESS_KEY if k == at.WITNESS else at.NODE_KEY + k: v for k, v in named.items()}


def places(session: Session) -> Places:
    """Where things stand, as of the session's state."""
    return places_of(session.lens, session.fold.described, session.state)


def sites_known(found: Places) -> Places:
    """`found`, if it says where things stand. Raises `NoSuchSite`."""
    if not found:
        raise NoSuchSite("no sites are described", "Say what stands where with `ccr site set`")
    return found


def site_of(found: Places, name: str) -> str:
    """`name`, if it is a site. Raises `NoSuchSite`."""
    if name not in sites_known(found).sites:
        raise NoSuchSite(f"there is no site {name}", f"There are {', '.join(found.sites)}")
    return name


def lose_site(name: str, reason: str, as_json: bool) -> None:
    """`ccr site lose`."""
    _all_of(lambda s, p: at.loses(p, site_of(p, name)), f"{name} lost", reason, as_json)


def restore_site(name: str, reason: str, as_json: bool) -> None:
    """`ccr site restore`."""
    _all_of(lambda s, p: at.restores(p, site_of(p, name)), f"{name} back", reason, as_json)


def cut_line(one: str, other: str, reason: str, as_json: bool) -> None:
    """`ccr site cut`."""
    what = f"{one}-{other} cut"
    _all_of(lambda s, p: at.cuts(s.lens, p, line_of(p, one, other)), what, reason, as_json)


def heal_line(one: str, other: str, reason: str, as_json: bool) -> None:
    """`ccr site heal`."""
    what = f"{one}-{other} whole"
    _all_of(lambda s, p: at.heals(s.lens, p, line_of(p, one, other)), what, reason, as_json)


def line_of(found: Places, one: str, other: str) -> Line:
    """The line between two sites. Raises `NoSuchSite` if nothing crosses between them."""
    line = found.line(site_of(found, one), site_of(found, other))
    if line not in found.lines:
        there = ", ".join(f"{a} {b}" for a, b in found.lines) or "none"
        raise NoSuchSite(f"nothing of the cluster crosses from {one} to {other}", f"Lines: {there}")
    return line


def _all_of(
    parts: Callable[[Session, Places], Sequence[Step]], what: str, reason: str, as_json: bool
) -> None:
    """Fire what is not so already; if all is, the first, whose refusal says why."""

    def steps(session: Session) -> list[Wanted]:
        found = list(parts(session, places(session)))
        todo = [x for x in found if session.reader.check(session.state, x) is None]
        return [(x.rule, x.args) for x in todo or found[:1]]

    perform(steps, reason=f"{what}: {reason}" if reason else what, as_json=as_json)


def sites_json(session: Session) -> list[dict[str, Any]]:
    """Every site with its state and what stands there."""
    found, state = places(session), session.state
    return [
        {
            "site": site,
            "state": at.site_state(state, found, site),
            "members": list(found.members(site)),
        }
        for site in found.sites
    ]


def lines_json(session: Session) -> list[dict[str, Any]]:
    """Every line with its state and what it carries."""
    lens, found = session.lens, places(session)
    body = []
    for line in found.lines:
        steps = at.cuts(lens, found, line)
        networks = dict.fromkeys(str(x.args["w"]) for x in steps if "w" in x.args)
        paths = [str(x.args["n"]) for x in steps if x.rule == "cut_share"]
        standby = [[str(x.args["n"]), str(x.args["t"])] for x in steps if "t" in x.args]
        body.append(
            {
                "line": list(line),
                "state": at.line_state(lens, session.state, found, line),
                "networks": list(networks),
                "witness_paths": paths,
                "standby_paths": standby,
            }
        )
    return body


def show_sites(as_of: str | None, as_json: bool) -> None:
    """`ccr site show`."""
    with reading(as_of) as session:
        sites, lines = sites_json(session), lines_json(session)
    if as_json:
        document("sites", {"sites": sites, "lines": lines})
    elif not sites:
        answer("no sites are described; say what stands where with `ccr site set`")
    else:
        site_tables(sites, lines)


def site_tables(sites: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> None:
    """The sites, and the lines between them if there are any."""
    rows = [(x["site"], x["state"], ", ".join(x["members"])) for x in sites]
    table(("site", "state", "stands there"), rows)
    if lines:
        answer()
        table(("line", "state", "carries"), [(*_head(x), _carried(x)) for x in lines])


def _head(line: Mapping[str, Any]) -> tuple[str, str]:
    return at.spelled(tuple(line["line"])), line["state"]


def _carried(line: Mapping[str, Any]) -> str:
    paths = [f"the share for {n}" for n in line["witness_paths"]]
    paths += [f"logs from {n} to {t}" for n, t in line["standby_paths"]]
    return ", ".join([*line["networks"], *paths])
