from tracelib.scoring.natural.sentences import sentences


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text)]


def test_a_sentence_ends_at_its_full_stop_and_at_the_end_of_a_line():
    text = "  First, the dates. Ada left in 1990!\n\n- Mayor: 1991 (too late)\nWhy? "
    assert texts(text) == ["First, the dates.", "Ada left in 1990!", "- Mayor: 1991 (too late)", "Why?"]
    assert [text[sentence.start : sentence.end] for sentence in sentences(text)] == texts(text)


def test_the_number_and_the_heading_of_an_item_belong_to_its_first_sentence():
    text = "1. **Judge**: from 1992. That overlaps.\n2) Envoy. Too early."
    assert texts(text) == ["1. **Judge**: from 1992.", "That overlaps.", "2) Envoy.", "Too early."]


def test_initials_and_abbreviations_end_no_sentence():
    text = 'J. K. Moss led St. Mary of Washington D.C. United vs. Rovers. "He did." So did M.V. Rao.'
    assert texts(text) == [
        "J. K. Moss led St. Mary of Washington D.C. United vs. Rovers.",
        '"He did."',
        "So did M.V. Rao.",
    ]


def test_pieces_without_a_letter_or_digit_are_no_sentences():
    assert texts("---\n***\n...\n\n") == []
    assert texts("") == []


def test_an_initial_can_follow_a_quotation_mark_but_a_possessive_s_is_none():
    assert texts("['J. K. Moss', 'Bo']") == ["['J. K. Moss', 'Bo']"]
    assert texts("It overlaps with Ada's. Both were there.") == [
        "It overlaps with Ada's.",
        "Both were there.",
    ]


def test_text_without_an_end_is_cut():
    assert [len(text) for text in texts("x" * 2500)] == [1000, 1000, 500]
