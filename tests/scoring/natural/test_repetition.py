from tracelib.scoring.natural.verify import verify


def test_a_sentence_that_only_says_again_what_was_said_is_a_repetition(mayor):
    text = (
        "Mayor: 1990 to 1994. Warden: 1990 to 1994. That is the same period. So it overlaps. "
        "Warden: 1990-1994. So the answer is warden. The answer is warden. "
        "I need to see which overlap (1990-1994)."
    )
    assert verify(text, mayor).repetition == (3, 4, 6)
