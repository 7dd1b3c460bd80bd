"""What a cluster is made of: options and TOML, checked before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccr_es.cluster.config import ClusterConfig, config_from_toml, config_of
from ccr_es.errors import BadConfig, FileUnreadable
from models.language.model import Instance
from tests.models.teaching import MODEL

PRESETS = {"slow": {"lease": 60_000, "expiry": 90_000}}
WHOLE = """
[cluster]
name = "exch"
nodes = ["N1", "N2"]
storage_groups = ["SG1", "SG2"]
witness = '\\\\hub\\share'
seed = 7
starts = "2020-06-01T12:00:00+02:00"
preset = "slow"
[cluster.networks]
LAN = "public"
HB = "private"
[cluster.parameters]
expiry = 100_000
"""


def test_a_toml_file_gives_the_whole_cluster_and_options_go_over_it(tmp_path: Path) -> None:
    path = tmp_path / "exch.toml"
    path.write_text(WHOLE)
    found = config_from_toml(path, PRESETS, seed=9, witness=None)
    assert found == ClusterConfig(
        "exch",
        nodes=("N1", "N2"),
        networks={"LAN": "public", "HB": "private"},
        storage_groups=("SG1", "SG2"),
        witness="\\\\hub\\share",
        parameters={"lease": 60_000, "expiry": 100_000},
        preset="slow",
        seed=9,
        starts="2020-06-01T12:00:00+02:00",
    )
    expected = Instance({"Node": ("N1", "N2")}, {"lease": 60_000, "expiry": 100_000})
    assert found.instance(MODEL) == expected


def test_the_keys_may_stand_at_the_top_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "exch.toml"
    path.write_text('name = "exch"\n')
    assert config_from_toml(path) == ClusterConfig("exch")


def test_what_is_recorded_is_in_alphabetical_order() -> None:
    config = ClusterConfig("exch", parameters={"lease": 1, "expiry": 2})
    assert list(config.created(MODEL, "0" * 64).parameters) == ["expiry", "lease"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "the cluster has no name"),
        ({"name": "exch", "colour": "red"}, "there is no key colour. There are name, nodes"),
        ({"name": 5}, "name is a text, not 5"),
        ({"name": "exch", "seed": "x"}, "seed is a whole number"),
        ({"name": "exch", "seed": True}, "seed is a whole number"),
        ({"name": "exch", "nodes": "A,B"}, "nodes is a list"),
        ({"name": "exch", "networks": ["LAN"]}, "networks is a table"),
        ({"name": "exch", "preset": "fast"}, "there is no preset fast. There are slow"),
        ({"name": "exch", "members": {"Hub": "H1"}}, "members.Hub is a list"),
    ],
)
def test_a_table_that_is_not_a_cluster_is_refused(table: dict[str, object], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        config_of(table, PRESETS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a b"}, "'a b' is not a cluster name"),
        ({"name": "a/b"}, "is not a cluster name"),
        ({"name": ""}, "is not a cluster name"),
        ({"name": "x" * 64}, "is not a cluster name"),
        ({"nodes": ("A",)}, "a cluster has two nodes, not 1"),
        pytest.param(
            {"nodes": ("A", "B", "C")},
            "a cluster has two nodes, not 3",
            marks=pytest.mark.seed("S-038"),
        ),
        ({"nodes": ("A", "a")}, "node a is named twice"),
        ({"nodes": ("A", "B.x")}, "'B.x' is not a node"),
        ({"nodes": ("A", 7)}, "7 is not a node"),
        ({"networks": {}}, "needs a network and a storage group"),
        ({"networks": {"LAN": "purple"}}, "network LAN has the role 'purple'"),
        ({"storage_groups": ()}, "needs a network and a storage group"),
        ({"storage_groups": ("SG1", "SG1")}, "storage group SG1 is named twice"),
        ({"parameters": {"leese": 1}}, "there is no parameter leese"),
        ({"parameters": {"lease": "1"}}, "lease is a whole number"),
        ({"parameters": {"lease": 2**60}}, "lease is a whole number"),
        ({"members": {"Hub": ("H 1",)}}, "'H 1' is not a Hub"),
        ({"starts": "noon"}, "starts is 'noon'"),
        ({"starts": "2020-01-01T00:00:00"}, "has no time zone"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    config = ClusterConfig(**{"name": "exch", **changes})  # type: ignore[arg-type]
    with pytest.raises(BadConfig, match=said):
        config.created(MODEL, "0" * 64)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"none\.toml: No such file"):
        config_from_toml(tmp_path / "none.toml")
    for name, data in (("bad.toml", b"name = "), ("odd.toml", b"name = '\xff'")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadConfig, match=name):
            config_from_toml(tmp_path / name)
    (tmp_path / "list.toml").write_text("cluster = 5\n")
    with pytest.raises(BadConfig, match="cluster is a table"):
        config_from_toml(tmp_path / "list.toml")
