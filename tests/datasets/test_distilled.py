from dataclasses import replace

from tracelib.datasets.distilled import Distilled, Texts


def test_texts_belong_to_a_problems_content_and_not_to_its_id(problem):
    other = replace(problem, question="Who?")
    found = Distilled([(problem, Texts("Gamma.", "Hm."))], "a sentence")
    turned = replace(problem, id="elsewhere", facts=problem.facts[::-1])
    assert turned in found
    assert other not in found
    assert found.of([turned, other]) == {"elsewhere": Texts("Gamma.", "Hm.")}
    assert (len(found), found.source) == (1, "a sentence")


def test_texts_on_one_problem_are_merged_and_no_empty_text_replaces_another(problem):
    given = [Texts("Gamma.", "Hm."), Texts(trace="Hm, hm.", summary="In short."), Texts(explanation="Since.")]
    ((_, merged),) = Distilled([(problem, texts) for texts in given], "")
    assert merged == Texts("Gamma.", "Hm, hm.", "In short.", "Since.")
