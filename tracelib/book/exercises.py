"""Solutions to exercises of the chapters, executed where the chapter shows them.

They use invented counts and texts, so no solution depends on what a build has.
"""

import pandas as pd
from scipy.stats import binom

from tracelib.book.facts import evaluation
from tracelib.core.pylist import listed
from tracelib.paper import specifications
from tracelib.scoring.metrics import answer_correct
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.association import two_by_two
from tracelib.stats.paired import paired_difference
from tracelib.traces.format import parse, render

RATES = {
    "joint": "both right, of all",
    "given_right": "answer right, of right traces",
    "given_wrong": "answer right, of wrong traces",
}
PERCENTS = 101  # whole percents, from 0 to 100
ANSWERS = (  # to the question of `evaluation.OWN`, whose gold answer is Gamma
    "['Gamma']",
    "Gamma.",
    "['Gamma', 'Delta']",
    "['Beta', 'Gamma']",
    "Gamma, as she was there all the time.",
)


def counts_behind(stated: float, n: int, digits: int = 0) -> pd.DataFrame:
    """The counts of n items whose percentage is printed as `stated`; without any, the figure is impossible.

    Brown and Heathers' (2017) test of granularity, for a percentage. Halves round to the even digit.
    """
    counts = [count for count in range(n + 1) if round(100 * count / n, digits) == round(stated, digits)]
    found = f"{counts[0]:,} to {counts[-1]:,}" if len(counts) > 1 else str(counts[0]) if counts else "none"
    return pd.DataFrame([{"printed": f"{stated:.{digits}f}%", "of": n, "counts that give it": found}])


def fooled_checks() -> pd.DataFrame:
    """Traces of the example of the chapter on evaluation, with the published and the exact verdict."""
    problem = evaluation.OWN
    (gold,) = problem.supporting_facts
    reworded = gold.replace("works", "worked")
    texts = {
        "the gold fact, right label": render(problem, "during", listed((gold,))),
        "a distractor, right label": evaluation.DISTRACTED,
        "every fact, right label": render(problem, "during", listed(problem.facts)),
        "the gold fact, wrong label": render(problem, "equal", listed((gold,))),
        "the gold fact reworded, right label": render(problem, "during", listed((reworded,))),
    }
    rows = []
    for name, text in texts.items():
        (row,) = specifications.check([Output(problem, text)], [problem]).to_dict("records")
        verdicts = {
            check: as_text.VERDICT[row[choice.category] and row[choice.retrieval]]
            for check, choice in (("published", specifications.PUBLISHED), ("exact", specifications.EXACT))
        }
        rows.append({"trace": name, **verdicts})
    return pd.DataFrame(rows)


def rates_of(tables: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """The share of right answers of all, of right and of wrong traces, for tables of four counts.

    Args:
        tables: by name, the counts in the order of `tracelib.stats.association.two_by_two`.
    """
    rows = []
    for name, counts in tables.items():
        found = two_by_two(*counts)
        rows.append({"run": name, **{words: as_text.percent(found[rate]) for rate, words in RATES.items()}})
    return pd.DataFrame(rows)


def matches_by_chance(shares: int) -> pd.DataFrame:
    """How many of so many shares round to one given percent, if all whole percents are equally likely."""
    chance = 1 / PERCENTS
    return pd.DataFrame(
        [
            {
                "shares": shares,
                "expected at one percent": f"{shares * chance:.1f}",
                "chance of one or more": as_text.percentage(float(binom.sf(0, shares, chance))) + "%",
            }
        ]
    )


def same_totals(n: int, first: int, second: int) -> pd.DataFrame:
    """The difference of two conditions and its test, for the fewest and the most discordant items.

    Args:
        n: the items.
        first, second: how many of them each condition got right.
    """
    fewest, most = abs(first - second), min(first, n - second) + min(second, n - first)
    rows = []
    for name, discordant in (("as few as can be", fewest), ("as many as can be", most)):
        found = paired_difference(*_answers(n, first, second, discordant))
        rows.append(
            {
                "discordant items": name,
                "only the first right": found["only_first"],
                "only the second right": found["only_second"],
                "difference, points": as_text.points(found),
                "p (McNemar)": as_text.p_value(found["p"]),
            }
        )
    return pd.DataFrame(rows)


def _answers(n: int, first: int, second: int, discordant: int) -> tuple[pd.Series, pd.Series]:
    """Answers with these totals: first the discordant items, then those that both got right."""
    only_first = (discordant + first - second) // 2
    both = first - only_first
    place = pd.RangeIndex(n).to_series()
    are_both = (place >= discordant) & (place < discordant + both)
    return are_both | (place < only_first), are_both | ((place >= only_first) & (place < discordant))


def judged_answers() -> pd.DataFrame:
    """Answers to the example of the chapter on evaluation, by the three metrics of CoTempQA."""
    rows = []
    for answer in ANSWERS:
        trace = parse(f"<answer>{answer}</answer>")
        verdicts = {
            metric: as_text.VERDICT[answer_correct(metric, evaluation.OWN, trace)]
            for metric in evaluation.METRICS
        }
        rows.append({"answer": answer, **verdicts})
    return pd.DataFrame(rows)
