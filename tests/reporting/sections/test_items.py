from dataclasses import replace

from tests.reporting.reports import as_html, as_markdown, parts, prose, run, table
from tracelib.reporting import audit_report as report
from tracelib.reporting import flips
from tracelib.scoring.outcomes import score


def flipping(texts=None, long=""):
    """Three items, one of which flips. Its output under the second condition is hostile text."""
    outputs_ = run(["A+", "A-", "A+"], condition="vanilla") + run(["A+", "A-", "A-"], condition="correct")
    outputs_[-1] = replace(outputs_[-1], prediction=f"<script>x</script>\n\x1b{long}")
    known = dict(enumerate(outputs_))
    return report.sections(score(outputs_), texts=lambda rows: {row: known[row] for row in rows})


def test_every_flip_has_its_question_and_texts():
    found = flipping()
    part = next(part for part in found if part.title == "Items that flip")
    assert "1 item. 1 item stands here with their texts" in " ".join(part.prose)
    (folded,) = part.folded
    assert folded.summary == "2 (m): right under vanilla; wrong under correct"
    texts = dict(folded.texts)
    assert texts["question"].endswith("(2)")
    assert texts["gold answer"] == "Gamma; Delta"
    assert texts["vanilla, right: the answer read"] == "['Gamma', 'Delta']"
    assert texts["correct, wrong: the whole output"].startswith("<script>")
    html = as_html(found)
    assert "&lt;script&gt;x&lt;/script&gt;\n\\u001b</dd>" in html
    assert "<script" not in html
    assert "&lt;script>x&lt;/script> ⏎ \\\\u001b" in as_markdown(found)


def test_texts_of_flips_and_the_page_are_bounded(monkeypatch):
    html = as_html(flipping(long="y" * 10_000))
    assert "y" * 1000 in html
    assert "more characters]" in html
    assert "y" * flips.LONGEST not in html
    monkeypatch.setattr(flips, "MOST_CHARACTERS", 10)
    found = flipping()
    assert "0 items stand here" in prose(found)
    assert "1 more would make the page too large: --items F.csv writes every one" in prose(found)


def test_items_by_pattern_and_which_flip():
    found = parts(
        run(["A+", "A-", "A+", "A-"], condition="vanilla"),
        run(["A+", "A-", "A-", "A-"], condition="correct"),
        run(["A+", "A-", "A+", "A+"], model="n", condition="vanilla"),
    )
    patterns = {row["pattern"]: row["items"] for row in table(found, "Items by which")}
    assert patterns == {
        "every run right": 1,
        "no run right": 1,
        "flips between conditions": 1,
        "differs between models only": 1,
    }
    (flip,) = table(found, "Items that flip")
    assert (flip["item"], flip["model"]) == ("2", "m")
    assert (flip["right under"], flip["wrong under"]) == ("vanilla", "correct")
    (changed,) = table(found, "Answers that change")
    assert (changed["both right"], changed["gained"], changed["lost"], changed["both wrong"]) == (1, 0, 1, 2)
