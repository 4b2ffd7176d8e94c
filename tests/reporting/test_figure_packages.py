"""The picture of the packages: a name per package, and an arc per import, wider for more modules."""

from matplotlib.patches import FancyArrowPatch

from tracelib.reporting import figure_packages


def test_an_arc_for_each_import_from_the_importer_up():
    imports = {("b", "a"): 4, ("c", "a"): 1}
    (axes,) = figure_packages.flow(["a", "b", "c"], imports).axes
    assert [text.get_text() for text in axes.texts] == ["a", "b", "c"]
    arcs = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert [arc.get_linewidth() for arc in arcs] == [4.0, 2.0]  # the square of the width grows with the count
    low, high = axes.get_ylim()
    assert low > high  # the first package is on top


def test_the_table_has_a_row_per_package():
    table = figure_packages.table({"a": "First.", "b": "Second."}, {"a": 3, "b": 0})
    assert table.to_dict("list") == {
        "package": ["a", "b"], "what it is": ["First.", "Second."], "modules": [3, 0],
    }  # fmt: skip
