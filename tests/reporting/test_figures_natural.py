import pandas as pd

from tracelib.reporting import figures_natural


def test_each_measure_has_a_panel_with_its_own_scale_and_a_line_per_kind():
    rows = pd.DataFrame(
        [
            ("a", "words", 10.0, 8.0, 12.0),
            ("b", "words", 300.0, None, None),
            ("a", "order", 0.5, 0.4, 0.6),
            ("b", "order", None, None, None),
        ],
        columns=["kind", "measure", "estimate", "low", "high"],
    )
    figure = figures_natural.panels(rows, "kind", "measure", {"words": "Words", "order": "Order"})
    words, order, unused = figure.axes
    assert [axes.get_xlabel() for axes in (words, order)] == ["Words", "Order"]
    assert [label.get_text() for label in words.get_yticklabels()] == ["a", "b"]
    assert list(words.lines[0].get_xdata()) == [10, 300]
    assert list(order.lines[0].get_xdata()) == [0.5]
    assert not unused.get_visible()


def test_the_trade_off_draws_a_point_per_model_and_kind_in_each_panel():
    rows = pd.DataFrame(
        [
            (model, kind, measure, 100.0, 90.0, 120.0, 0.5, 0.4, 0.6)
            for model in ("m1", "m2")
            for kind in ("r1", "short")
            for measure in ("words", "index")
        ],
        columns=["model", "kind", "measure", "value", "value_low", "value_high", "estimate", "low", "high"],
    )
    rows.loc[0, "estimate"] = None
    figure = figures_natural.trade_off(rows, {"words": "Words", "index": "Index"})
    assert [len(axes.containers) for axes in figure.axes] == [3, 4]
    assert figure.axes[0].get_ylabel() == "percent of answers right"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["r1", "short", "m1", "m2"]
