"""Tables of the R1 family: the files that are here, and counts without intervals."""

from tests.paper.history import MODEL, outcomes
from tracelib.datasets.family_files import FAMILY, SEEDS
from tracelib.paper import cut_traces, family
from tracelib.reporting import tables_family


def test_files_of_each_model():
    one = outcomes({("r1-traces", None): [True]})
    table = tables_family.coverage_table(family.coverage(one)).set_index(["runs", "model"])
    assert table["files of outputs"].tolist() == [28, 28, 28, 28, 36, 36]
    assert table["in this build"].sum() == 1
    assert table["files with a second version"].sum() == 6
    assert table.loc[(SEEDS, MODEL), "not in this build"] == "all"
    lacking = table.loc[(FAMILY, MODEL), "not in this build"]
    assert "r1-traces equal" in lacking
    assert "r1-traces mix" not in lacking.replace("summarized-r1-traces mix", "")
    seeds = family.coverage(outcomes({("vanilla", 121): [True]}))
    assert "vanilla 121 equal" in tables_family.coverage_table(seeds)["not in this build"].iloc[4]


def test_a_sample_that_weights_no_relation_is_counted():
    shown = tables_family.cut_table(cut_traces.load()).iloc[-1].tolist()
    assert shown == ["all", 113, "51 of 113", 44, "33 of 44", "0 of 44"]
