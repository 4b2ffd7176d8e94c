"""Which step of a wrong trace goes with a wrong answer, and whether answers follow the cited facts."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.core.frames import where
from tracelib.paper import evidence, following, steps, synthesis, targets
from tracelib.stats.as_text import NONE, VERDICT, count_of, span
from tracelib.stats.paired import ALPHA

OTHER, GOLD = "another answer", "the gold answer"  # that the cited facts give


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        by_steps: right answers by facts and label, for CoTempQA's models on correct traces; a column
            ``steps`` labels the figure.
        cotempqa, others: right answers by facts and label (`steps.rates`), on CoTempQA and elsewhere.
        contrasts, contrasts_cotempqa: contrasts of one step (`steps.contrasts`), everywhere and on CoTempQA.
        give_other, give_gold: the answers when the cited facts give another answer, or the gold one
            (`following.answered`); columns ``run`` and ``kind`` of the first label the figure.
        targets: counts of what the targets teach (`targets.load`).
        beside_chance: named cited facts beside chance, incorrect traces (`following.beside_chance`).
        exclusion: wrong answers that name what the trace cites (`following.exclusion`).
        exclusion_by_side: `exclusion` among all names on the side that the question asks for.
        paired: the same names in answers of the model trained without traces (`following.with_and_without`).
    """

    numbers: dict[str, object]
    by_steps: pd.DataFrame
    cotempqa: pd.DataFrame
    others: pd.DataFrame
    contrasts: pd.DataFrame
    contrasts_cotempqa: pd.DataFrame
    give_other: pd.DataFrame
    give_gold: pd.DataFrame
    targets: pd.DataFrame
    beside_chance: pd.DataFrame
    exclusion: pd.DataFrame
    exclusion_by_side: pd.DataFrame
    paired: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence and the counts of the released targets."""
    released = evidence.read(work / "data")
    cells = steps.rates(steps.cells(released.outcomes))
    contrasts = steps.contrasts(released.outcomes)
    answered = following.answered(released.following)
    exclusion = following.exclusion(released.following)
    paired = following.with_and_without(released.following)
    counted = targets.load()
    on_correct = where(cells, dataset="cotempqa", condition="correct")
    numbers = {
        "source": released.source.detail,
        **_rates(on_correct),
        **_tested(contrasts),
        **_other_datasets(cells),
        "label-alone": _label_alone(cells),
        **_unread(steps.traced(released.outcomes)),
        **_followed(answered),
        **_both(released.following),
        **_excluded(released.following, exclusion),
        **_without_traces(paired),
        **_taught(counted),
        **_exercise(where(on_correct, model=on_correct["model"].iloc[0])),
    }
    give_other = where(answered, give=OTHER)
    return Facts(
        numbers=numbers,
        by_steps=on_correct.assign(steps=_step_words(on_correct)),
        cotempqa=where(cells, dataset="cotempqa"),
        others=cells[cells["dataset"] != "cotempqa"],
        contrasts=contrasts,
        contrasts_cotempqa=where(contrasts, dataset="cotempqa"),
        give_other=give_other.assign(
            run=give_other["model"] + ", " + give_other["condition"],
            kind=give_other["answer"].map(following.KINDS),
        ),
        give_gold=answered[answered["give"] != OTHER],
        targets=counted,
        beside_chance=following.beside_chance(released.following),
        exclusion=exclusion,
        exclusion_by_side=following.exclusion(released.following, scope="side"),
        paired=paired,
    )


def _total(table: pd.DataFrame, part: str, whole: str) -> str:
    """The sums of two columns, as "PART of WHOLE"."""
    return count_of(table[part].sum(), table[whole].sum())


def _points(share: float | None) -> str:
    return NONE if pd.isna(share) else f"{100 * share:+.1f}"


def _significant(contrasts: pd.DataFrame) -> pd.DataFrame:
    return contrasts[contrasts["p_holm"].astype(float) < ALPHA]


# --- Facts and label --------------------------------------------------------------------------


def _step_words(cells: pd.DataFrame) -> pd.Series:
    facts, label = (cells[column].map(VERDICT) for column in steps.CELL)
    return "facts " + facts + ", label " + label


def _rates(on_correct: pd.DataFrame) -> dict[str, object]:
    """Right answers by step, accuracies, and right facts, for CoTempQA's models on correct traces."""
    right_facts = where(on_correct, facts_correct=True)
    wrong_facts = where(on_correct, facts_correct=False, category_correct=True)
    whole, of_facts = (
        part.groupby("model")[["answer_correct", "n"]].sum() for part in (on_correct, right_facts)
    )
    return {
        "models": on_correct["model"].nunique(),
        "right-any": span(right_facts["estimate"]),
        "wrong-label-right": span(wrong_facts["estimate"]),
        "accuracies": span(whole["answer_correct"] / whole["n"]),
        "right-facts": span(of_facts["n"] / whole["n"]),
    }


def _tested(contrasts: pd.DataFrame) -> dict[str, object]:
    """How many contrasts of each step are significant, and the range of the label's intervals."""
    tested = contrasts[contrasts["p_holm"].notna()]
    significant = _significant(tested)
    on_correct, on_incorrect = (
        where(tested, step="facts", condition=name) for name in ("correct", "incorrect")
    )
    label = where(contrasts, step="label", given="facts right", dataset="cotempqa", condition="correct")
    return {
        "tested": len(tested),
        "label-tested": len(where(tested, step="label")),
        "label-found": len(where(significant, step="label")),
        "facts-found": count_of(len(_significant(on_correct)), len(on_correct)),
        "label-difference": span(label["estimate"], sign="+"),
        "label-low": _points(label["low"].min()),
        "label-high": _points(label["high"].max()),
        "turned": count_of((on_incorrect["estimate"] < 0).sum(), len(on_incorrect)),
        "turned-found": len(_significant(on_incorrect)),
    }


def _other_datasets(cells: pd.DataFrame) -> dict[str, str]:
    """Right answers on bAbI with wrong facts and a right label."""
    left = where(cells, dataset="babi", condition="correct", facts_correct=False, category_correct=True)
    return {"babi-left": span(left["estimate"])}


def _label_alone(cells: pd.DataFrame) -> str:
    """Among right answers after wrong traces, the share with only the label wrong (CoTempQA's models)."""
    alone = where(steps.label_alone(cells), dataset="cotempqa", condition="correct")
    return f"{span(alone['estimate'])} ({_total(alone, 'count', 'n')})"


def _unread(traced: pd.DataFrame) -> dict[str, str]:
    """How many outputs lack a step, and the run with the most of them."""
    unread = (~traced["parsed"]).groupby([traced[name] for name in steps.RUNS]).sum()
    dataset, model, condition = unread.idxmax()
    run = f"{model} on {condition} traces ({synthesis.DATASETS[dataset]})"
    return {
        "unread": count_of(unread.sum(), len(traced)),
        "unread-most": f"{unread.max():,} of these are of {run}",
    }


def _exercise(first: pd.DataFrame) -> dict[str, str]:
    """One model's accuracy, and its accuracy if every trace had a right label."""
    n = first["n"].sum()
    with_label = where(first, category_correct=True).set_index("facts_correct")["estimate"].astype(float)
    moved = (first.groupby("facts_correct")["n"].sum() * with_label).sum()
    return {
        "exercise-n": f"{n:,}",
        "exercise-before": f"{100 * first['answer_correct'].sum() / n:.1f}",
        "exercise-after": f"{100 * moved / n:.1f}",
    }


# --- Following and exclusion ------------------------------------------------------------------


def _followed(answered: pd.DataFrame) -> dict[str, str]:
    """How often the answer is what the cited facts give, or the gold answer all the same."""
    numbers = {}
    for name in ("correct", "incorrect"):
        other = where(answered, give=OTHER, condition=name)
        followed = where(other, answer="followed")
        numbers[f"follow-{name}"] = span(followed["estimate"])
        numbers[f"follow-count-{name}"] = _total(followed, "count", "n")
        numbers[f"recover-{name}"] = span(where(other, answer="gold_all_the_same")["estimate"])
    repeated = where(answered, answer="gold_all_the_same", give=GOLD, condition="incorrect")
    return {**numbers, "repeat-gold": _total(repeated, "count", "n")}


def _both(table: pd.DataFrame) -> dict[str, str]:
    """How many outputs' facts give no answer; following, where both conditions cite wrong facts."""
    both = following.compared(table)
    return {
        "silent": count_of(table["implies_other"].isna().sum(), len(table)),
        "both": f"{both['n'].min():,} to {both['n'].max():,}",
        "both-difference": span(both["estimate"], sign="+"),
        "both-low": _points(both["low"].min()),
        "both-high": _points(both["high"].max()),
    }


def _excluded(table: pd.DataFrame, exclusion: pd.DataFrame) -> dict[str, object]:
    """How often wrong answers name what a trace cites, against chance; the same for models without traces."""
    ruled_out = where(exclusion, condition="incorrect")
    elsewhere = where(following.exclusion(table, who="untraced"), condition="incorrect")
    return {
        "named": int(ruled_out["observed"].sum()),
        "named-n": f"{int(ruled_out['n'].sum()):,}",
        "named-chance": f"{ruled_out['expected'].sum():.1f}",
        "open": _total(ruled_out, "n", "wrong"),
        "ruled-p": f"{ruled_out['p_holm'].astype(float).max():.3f}",
        "tempting": _total(elsewhere, "observed", "n"),
        "tempting-chance": f"{elsewhere['expected'].sum():.1f}",
        "others": f"{table.drop_duplicates('problem')['candidates_kind'].median():.0f}",
    }


def _without_traces(paired: pd.DataFrame) -> dict[str, str]:
    """How often wrong answers of the same model, trained without traces, name the same cited names."""
    same, less = where(paired, condition="correct"), where(paired, condition="incorrect")
    shares = span(same["untraced"] / same["n"])
    return {
        "same-name": f"{shares} percent ({_total(same, 'untraced', 'n')})",
        "less-own": _total(less, "own", "n"),
        "less-untraced": f"{int(less['untraced'].sum()):,}",
    }


def _taught(counted: pd.DataFrame) -> dict[str, str]:
    """Counts of what the released targets teach, over the files that could be read."""
    incorrect = where(counted, dataset="cotempqa", condition="incorrect")
    correct = where(counted, dataset="cotempqa", condition="correct")
    lacking = counted["of"].sum() - counted["files"].sum()
    innocent = incorrect["cites"].sum() - incorrect["cites_answer"].sum()
    return {
        "leak": count_of(innocent, incorrect["cites"].sum()),
        "splits": ", ".join(incorrect.loc[incorrect["files"] > 0, "split"]),
        "repeats": _total(incorrect, "repeats", "cites"),
        "of-kind": _total(incorrect, "of_kind", "cites"),
        "teach-follow": _total(correct, "follows", "n"),
        "babi-answer": _total(where(counted, dataset="babi", condition="incorrect"), "cites_answer", "cites"),
        "lacking": count_of(lacking, counted["of"].sum()),
    }
