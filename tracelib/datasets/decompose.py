"""Split a problem by rule into its two gold steps: the category to name, the facts to retrieve."""


def facts_with_an_answer(facts: tuple[str, ...], gold: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the facts that contain a gold answer as text, ascending.

    This is CoTempQA's second step as the release builds it (SFT sets, ``messages`` column):
    a plain, case-sensitive substring, so an answer that is part of another name also counts: with
    the answer ``mayor`` a fact about the ``deputy mayor`` is gold too, and a trace that leaves it
    out has its facts wrong. Problems that come with supporting facts of their own keep those.
    """
    return tuple(i for i, fact in enumerate(facts) if any(answer in fact for answer in gold))
