"""Texts of every kind in numbers: the guide's example by hand, and the shipped table against the texts."""

import pandas as pd
import pytest

from tests.conftest import need
from tests.scoring.natural.conftest import made as made_problem
from tests.scoring.natural.test_verify import EXAMPLE
from tracelib.core.errors import InputError
from tracelib.datasets import family_files, r1_texts
from tracelib.datasets.distilled import Texts
from tracelib.paper import natural_structure
from tracelib.paper.natural_structure import KINDS, Text, indices, made, measured, prompted, table, told
from tracelib.scoring.outputs import Output


@pytest.fixture
def mayor():
    return made_problem()


def test_the_example_of_the_guide_in_numbers(mayor):
    row = measured(Text("r1", mayor, EXAMPLE))
    expected = {
        "kind": "r1", "problem": mayor.id, "category": "mix", "facts": 4, "supporting": "1 3",
        "words": 55, "sentences": 9, "citations": 3, "altered": 1, "cited": "0 1 2", "order": 1.0,
        "claims": 3, "refuted": 0, "refuted_answers": 0, "wrong_times": 0,
        "relation": "equal", "answers": "1 3", "follows": "no",
        "backtracking": 1, "hedging": 0, "repetition": 1, "outside": 0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_refuted_comparison_of_an_answer_is_counted(mayor):
    text = "Ada was mayor from 1990 to 1994. She was a judge from June 1992 to 1996. That ended before 1990."
    row = measured(Text("r1", mayor, f"{text} So the answer is judge."))
    assert (row["claims"], row["refuted"], row["refuted_answers"]) == (1, 1, 1)


def test_rule_made_traces_quote_their_facts_and_name_a_relation(mayor):
    rows = {text.kind: measured(text) for text in made(mayor)}
    assert list(rows) == list(natural_structure.MADE)
    assert (rows["correct"]["cited"], rows["correct"]["relation"]) == ("1 3", "mix")
    assert rows["incorrect"]["relation"] in {"equal", "during", "overlap"}
    assert not set(indices(rows["incorrect"]["cited"])) & {1, 3}
    assert rows["simulated-r1"]["cited"].split()[:4] == ["0", "1", "2", "3"]
    assert "<" not in "".join(text.text for text in made(mayor))


def test_texts_that_are_not_there_give_no_row(mayor):
    kinds = [text.kind for text in told(mayor, Texts("judge", "So judge.", "", "Judge, I say."))]
    assert kinds == ["r1", "r1-explanation"]


def test_an_output_is_filed_by_its_answer(mayor):
    right = Output(mayor, "She was a judge. <answer>['judge', 'warden']</answer>")
    wrong = Output(mayor, "She was an envoy. <answer>['envoy']</answer>")
    assert [prompted(one).kind for one in (right, wrong)] == ["prompted-right", "prompted-wrong"]


def test_the_shipped_table_holds_numbers_and_no_text():
    shipped = natural_structure.SHIPPED.read()
    assert list(dict.fromkeys(shipped["kind"])) == list(KINDS)
    assert not shipped.duplicated(["kind", "problem"]).any()
    texts = shipped.select_dtypes(exclude="number")
    assert texts.stack().map(len).max() <= 120
    assert set(shipped["follows"]) <= {"yes", "no", "unclear"}
    assert all(set(cell) <= set("0123456789 ") for name in natural_structure.LISTS for cell in shipped[name])


def test_the_shipped_rows_are_those_of_the_texts(release_root):
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    some = r1_texts.sampled()[:3]
    found = table(text for problem, own in some for text in (*made(problem), *told(problem, own)))
    keys = ["kind", "problem"]
    shipped = found[keys].merge(natural_structure.SHIPPED.read(), on=keys, how="left")
    pd.testing.assert_frame_equal(found, shipped, check_dtype=False)


@pytest.mark.nightly
def test_the_whole_shipped_table_is_the_one_that_the_texts_give(release_root):
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    pd.testing.assert_frame_equal(natural_structure.compute(), natural_structure.SHIPPED.read())


def test_without_the_sample_there_is_nothing_to_derive(monkeypatch, tmp_path):
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    with pytest.raises(InputError, match="R1's texts are not here: expected a sample"):
        natural_structure.SHIPPED.derive(tmp_path / "x.csv")
    assert natural_structure.load().equals(natural_structure.SHIPPED.read())
