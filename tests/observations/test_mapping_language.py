"""The language as it is documented: what the reference says works, and it says all there is."""

from __future__ import annotations

import re

import pytest

from ccr_es.observations import audit_observations, mapping_language, shipped_mappings
from ccr_es.observations.kinds import ABOUT, NEEDS, SORTS, Kind
from ccr_es.observations.mappings.language import FORMS
from ccr_es.observations.mappings.load import NAMED_FORMATS, load_mapping
from tests.observations.twins import finding, statuses

TEXT = mapping_language()


def audited(folder, mapping, name, content):
    """The audit of a file through a mapping, both as somebody would write them."""
    (folder / "mine.toml").write_text(mapping)
    (folder / name).write_text(content)
    return audit_observations(folder / name, None, load_mapping(folder / "mine.toml"))


def test_the_worked_example_of_the_reference_works(tmp_path):
    log = "\n".join(
        x[4:] for x in TEXT.split("`gate.log`:")[1].split("Its mapping")[0].splitlines()
    )
    toml = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)[1]
    report = audited(tmp_path, toml, "gate.log", log.strip() + "\n")
    found = finding(report, "never_two_serving")
    assert report.verdict == "does not conform"
    assert "alpha" in found.text
    assert "beta" in found.text
    assert report.observations[0].span == 5_500_000
    assert report.record.date == "2031-02-03"


@pytest.mark.parametrize("word", [*Kind, *SORTS, *FORMS, *NAMED_FORMATS])
def test_every_kind_fact_form_and_format_is_in_the_reference(word):
    assert f"`{word}`" in TEXT


def test_every_key_of_the_language_is_in_the_reference(tmp_path):
    """The reader itself is asked: each table names the keys it knows when one is wrong."""
    good = TEXT.split("```toml\n")[1].split("```")[0]
    sections = ("read", "time", "party", "serving", "kind")
    for section in sections:
        head = f"[[{section}]]" if section == "kind" else f"[{section}]"
        with pytest.raises(Exception, match="is not known here") as caught:
            audited(tmp_path, good.replace(head, f"{head}\nnonsense = 1", 1), "x.log", "")
        assert f"{section}" in str(caught.value)
        known = str(caught.value).split("known are ")[1].split(". `ccr")[0].split(", ")
        assert len(known) > 1
        for key in known:
            assert f"`{key}`" in TEXT or f"`{key} =" in TEXT, key


def test_each_kind_is_described_and_needs_only_facts_there_are():
    assert set(ABOUT) == set(Kind)
    assert {f for needs in NEEDS.values() for n in needs for f in n.split("|")} <= set(SORTS)


INVENTED_LOG = """\
== boot ==
03/Feb/2031:09:00:01.000 +0200 | unit=3 | LEASE GRANTED to three
03/Feb/2031:09:00:02.500 +0200 | unit=3 | three: STANDBY -> LEADER
chatter that means nothing
03/Feb/2031:09:00:10.000 +0200 | unit=5 | five: LEADER -> STANDBY
"""

LOG_MAPPING = r"""
mapping = 1
system = "invented"

[read]
form = "text"
pattern = [
    '^(?P<at>\S+ \S+) \| unit=(?P<unit>\d+) \| (?P<node>\w+): (?P<old>\w+) -> (?P<new>\w+)$',
    '^(?P<at>\S+ \S+) \| unit=(?P<unit>\d+) \| (?P<what>LEASE GRANTED) to (?P<node>\w+)$',
]
others = "ignore"

[time]
field = "at"
format = "%d/%b/%Y:%H:%M:%S.%f %z"

[party]
field = "node"
also = ["unit"]

[serving]
roles = ["LEADER"]

[[kind]]
when = { what = { present = true } }
is = "witness lock granted"

[[kind]]
when = { new = { present = true } }
is = "role"
set = { role_from = "old", role_to = "new" }
"""


def test_a_text_log_that_nobody_has_seen_is_mapped_by_the_reference_alone(tmp_path):
    report = audited(tmp_path, LOG_MAPPING, "invented.log", INVENTED_LOG)
    assert report.parties == ("five", "three")
    assert report.record.zone == "+02:00"
    assert report.record.skipped == 2
    assert report.verdict == "does not conform"
    assert [h.granted.line for h in report.holds] == [2]


INVENTED_CSV = """\
id;when;who;mode;told;pos
2;1735732805.5;10;1;0;0/20
1;1735732800;10;0;1;0/10
0;1735732800;20;0;;
3;1735732806;20;0;0;
"""

CSV_MAPPING = """
mapping = 1
system = "invented table"
[read]
form = "csv"
delimiter = ";"
[time]
field = "when"
format = "epoch seconds"
[party]
field = "who"
names = { 10 = "ten", 20 = "twenty" }
[clock]
value = "controller"
[order]
field = "id"
[serving]
roles = ["on"]
[transitions]
off = ["on"]
[[complete]]
kind = "state"
[[kind]]
is = "state"
[kind.set]
state = { field = "mode", values = { 0 = "off", 1 = "on" } }
goal = { field = "told?", values = { 0 = "off", 1 = "on" } }
position = "pos?"
"""


def test_a_csv_file_that_nobody_has_seen_is_mapped_by_the_reference_alone(tmp_path):
    report = audited(tmp_path, CSV_MAPPING, "invented.csv", INVENTED_CSV)
    assert report.parties == ("ten", "twenty")
    assert report.clocks.names == ("controller",)
    assert finding(report, "goal_reachable").status == "broken"
    assert finding(report, "goal_reachable").lines == (2,)
    assert finding(report, "never_two_serving").status == "kept"
    assert statuses(report)["states_follow"] == "kept"
    assert report.record.ordered is True


INVENTED_JSON = """\
{"cluster": {"changes": [
  ["2031-02-03 04:05:06", {"site": "north"}, "elected", {"term": 8}],
  ["2031-02-03 04:05:09", {"site": "south"}, "elected", {"term": 9}]
]}}
"""

JSON_MAPPING = """
mapping = 1
system = "invented document"
[read]
form = "json"
rows = "cluster.changes"
columns = ["at", "node", "what", "more"]
[time]
field = "at"
zone = "Europe/Paris"
[party]
field = "node.site"
[[kind]]
when = { what = "elected" }
is = "epoch forked"
set = { epoch = "more.term" }
"""


def test_a_json_document_that_nobody_has_seen_is_mapped_by_the_reference_alone(tmp_path):
    report = audited(tmp_path, JSON_MAPPING, "invented.json", INVENTED_JSON)
    (change,) = report.as_json()["history"]
    assert (change["from"], change["to"]) == ("north", "south")
    assert report.record.zone == "+01:00"
    assert report.clocks.most("south", "north") is not None


PSQL = """\
 Node ID | Name  |      Event      | OK |      Timestamp      |     Details
---------+-------+-----------------+----+---------------------+------------------
       1 | alpha | standby_promote | t  | 2031-02-03 04:05:09 | promoted        +
         |       |                 |    |                     | by hand
       2 | beta  | stopped         | f  | 2031-02-03 04:05:06 |
(2 rows)
"""

PSQL_MAPPING = """
mapping = 1
system = "invented query"
[read]
form = "table"
[time]
field = "Timestamp"
[party]
field = "Name"
also = ["Node ID"]
[[kind]]
when = { Event = "standby_promote", OK = true }
is = "promoted"
set = { reason = "Details?" }
[[kind]]
when = { OK = ["t", "f"] }
is = "note"
"""


def test_what_psql_prints_is_read_with_cells_that_go_on_in_the_next_line(tmp_path):
    mapping = PSQL_MAPPING.replace("OK = true", 'OK = "t"')
    report = audited(tmp_path, mapping, "invented.txt", PSQL)
    told = {o.party: o for o in report.observations}
    assert told["alpha"].reason == "promoted by hand"
    assert told["alpha"].line == 4
    assert told["beta"].kind == Kind.NOTE


def test_a_clock_without_dates_rolls_over_midnight_only_where_that_is_said(tmp_path):
    toml = TEXT.split("```toml\n")[1].split("```")[0].replace(r"\S+ \S+", r"\S+")
    toml = toml.replace('zone = "UTC"', 'format = "time of day"')
    log = "23:59:59.000 alpha [7] NOW master, was spare\n"
    log += "00:00:01.000 alpha [7] NOW spare, was master\n"
    first, last = audited(tmp_path, toml, "g.log", log).observations
    assert (first.role_to, last.role_to) == ("spare", "master")
    toml = toml.replace("[party]", 'rolls = true\ndate = "2031-02-03"\n[party]')
    first, last = audited(tmp_path, toml, "g.log", log).observations
    assert last.at - first.at == 2_000_000
    assert (first.role_to, last.role_to) == ("master", "spare")


@pytest.mark.parametrize(
    ("stamp", "zone", "wanted"),
    [
        ("2031-10-26 02:30:00", "Europe/Paris", "had twice or never"),
        ("2031-03-30 02:30:00", "Europe/Paris", "had twice or never"),
        ("2031-02-30 02:30:00", "UTC", "a time that exists"),
        ("2031-02-28 24:30:00", "UTC", "a time that exists"),
        ("2031-02-03", "UTC", "must be a time such as"),
    ],
)
def test_a_time_that_no_clock_showed_or_showed_twice_is_refused(tmp_path, stamp, zone, wanted):
    mapping = JSON_MAPPING.replace("Europe/Paris", zone)
    content = INVENTED_JSON.replace("2031-02-03 04:05:09", stamp)
    with pytest.raises(Exception, match=wanted) as caught:
        audited(tmp_path, mapping, "x.json", content)
    assert 'item 2 field "at"' in str(caught.value)


def test_every_shipped_mapping_says_what_it_reads_and_is_told_from_the_others():
    found = shipped_mappings()
    assert len({m.name for m in found}) == len(found) >= 6
    assert all(m.about and m.system and m.kinds for m in found)
