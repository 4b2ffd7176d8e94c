"""The rule that finds the facts to retrieve, the second gold step, where the data do not mark them."""


def facts_with_an_answer(facts: tuple[str, ...], gold: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the facts that contain a gold answer as text, ascending.

    The release builds CoTempQA's second step by this rule (SFT sets, column ``messages``). The match is a
    plain, case-sensitive substring, so an answer inside a longer name counts too: with the answer
    ``mayor``, a fact about the ``deputy mayor`` is gold, and a trace without it has wrong facts. Problems
    that come with their own supporting facts keep them.
    """
    return tuple(i for i, fact in enumerate(facts) if any(answer in fact for answer in gold))
