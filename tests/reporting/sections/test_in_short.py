from tests.reporting.reports import CELLS, parts, run
from tracelib.reporting import figure_rates
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def test_a_report_begins_with_a_summary_in_words():
    """Cells 6, 2, 3, 9 of one run; then a second condition that is right everywhere."""
    found = parts(run(CELLS))
    answer, joint = as_text.percent(wilson(9, 20)), as_text.percent(wilson(6, 20))
    if_right, if_wrong = as_text.percent(wilson(6, 8)), as_text.percent(wilson(3, 12))
    assert found[0].prose == [
        f"cotempqa: Of 20 outputs the answer is right in {answer} percent (metric corrected). Trace and "
        f"answer are both right in {joint} percent of all outputs; the answer is right in {if_right} percent "
        f"of those with a right trace and in {if_wrong} percent of those with a wrong one."
    ]
    found = parts(run(CELLS), run(["A+"] * 20, condition="vanilla"))
    assert f"In 2 runs the answer is right in {as_text.percent(wilson(9, 20))} to " in found[0].prose[0]
    assert "both right in 1 run with traces in 30.0 [" in found[0].prose[0]
    assert (
        found[0]
        .prose[0]
        .endswith(
            "Of 1 pair of conditions 1 differs in accuracy (5%, Holm); 0 are equivalent within 5 points."
        )
    )


def test_the_figure_has_the_rates_of_every_run():
    (figure,) = parts(run(CELLS), run(["A+"] * 20, condition="vanilla"))[0].figures
    assert (
        "run 1: answer right, of all 100.0; run 2: answer right, of all 45.0, trace and answer" in figure.seen
    )
    assert "answer right, of wrong traces 25.0." in figure.seen
    many = parts(*[run(["A+"], model=str(n)) for n in range(figure_rates.MOST + 2)])[0].figures[0]
    assert "the first 20 of 22 runs" in many.caption
