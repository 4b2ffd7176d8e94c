"""The accuracies that the repository states for the R1 family, for three more seeds, and for AIME.

They are transcribed from later commits of the release's public repository; each row has its path and commit.
A figure is one accuracy with one decimal. The number of its items has to be inferred. A figure does not say
which items are right, so conditions cannot be compared item by item. The outputs are public too:
`tracelib.paper.family` fetches and reads them.

The R1 family (`KINDS`) has another test set than the main runs and the further seeds, so their accuracies
cannot be compared.
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets.release_files import MAIN_TEST
from tracelib.datasets.shipped import ShippedTable
from tracelib.scoring.outcomes import ORDER
from tracelib.stats.as_text import p_value, percent
from tracelib.stats.estimate import interval_of, noted
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import paired_difference
from tracelib.stats.proportions import difference, wilson
from tracelib.stats.seeds import mean
from tracelib.stats.seeds import spread as spread_of

SHIPPED = ShippedTable(PAPER / "r1_aggregates.csv", types={"seed": "Int64"})  # typed in by hand
RELATIONS = ORDER["category"]
COLUMNS = {"split": "category", "acc": "accuracy", "p": "precision", "r": "recall", "avg": "average"}
TRACES = {  # kinds of trace that claim 2 compares -> in words
    "r1-traces": "R1's own trace",
    "summarized-r1-traces": "a summary of R1's trace",
    "r1-explanations": "R1's explanation, written afterwards",
    "r1-set-custom-traces": "a decomposed trace (found by the look-up)",
}
CONTROLS = {
    "r1-set-vanilla": "R1's answer alone",
    "r1-set-incorrect-traces": "an incorrect decomposed trace (found by the look-up)",
    "r1-set-swapped": "R1's trace for another problem",
}
KINDS = TRACES | CONTROLS
CONDITIONS = {"vanilla": "vanilla", "reasoning-facts": "correct", "reasoning-facts-perturbed": "incorrect"}
ROUNDING = 0.0501  # one decimal is printed; a tie may be rounded either way
LEVEL = 0.05  # significance level behind a verdict
SPREAD = [
    "model", "condition", "category", "mean", "lowest", "highest", "estimate", "low", "high", "n",
    "item_error", "ratio", "method", "note",
]  # fmt: skip
TEST_SET = r"(?P<category>AIME.+) \(n=(?P<n>\d+)\)"  # the repository's name of a test set of AIME
OTHER_VERSIONS = pd.DataFrame(  # figures of the same file at another commit
    [
        ("Llama-3.1-8B-Instruct", "r1-traces", "equal", 91.5, "7b5c726b"),
        ("Llama-3.1-8B-Instruct", "r1-traces", "overlap", 72.6, "7b5c726b"),
        ("Llama-3.1-8B-Instruct", "r1-traces", "mix", 73.9, "7b5c726b"),
        ("Qwen3-8B", "r1-traces", "equal", 96.3, "75e3b548"),
        ("Qwen3-8B", "r1-traces", "mix", 58.7, "75e3b548"),
    ],
    columns=["model", "condition", "category", "other", "other_commit"],
)
VERDICTS = (  # on a contrast of two totals
    "first higher, however the items pair up",
    "second higher, however the items pair up",
    "depends on how the items pair up",
    "not told apart, however the items pair up",
)


def load() -> pd.DataFrame:
    """The shipped table, a row per figure.

    Returns:
        dataset, model, condition, seed, category, accuracy, f1, precision, recall, average (percent; AIME has
        only accuracies), source_path, commit.
    """
    return SHIPPED.read().rename(columns=COLUMNS)


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """The figures on CoTempQA that the table lacks: model, condition, seed, category."""
    columns = ["model", "condition", "seed", "category"]
    found = []
    for part in (family(table), table[table["seed"].notna()]):
        runs = part[["condition", "seed"]].drop_duplicates()
        full = part[["model"]].drop_duplicates().merge(runs, "cross")
        full = full.merge(pd.DataFrame({"category": RELATIONS}), "cross")
        there = full.merge(part[columns], how="left", indicator=True)["_merge"] == "both"
        found.append(full[~there])
    return pd.concat(found, ignore_index=True)


def fitting(accuracies: Sequence[float], largest: int) -> list[int]:
    """Every number of items up to `largest` that can give all these accuracies (percent, one decimal)."""
    return [
        n
        for n in range(1, largest + 1)
        if all(abs(100 * round(value * n / 100) / n - value) <= ROUNDING for value in accuracies)
    ]


def right(accuracy: float, n: int) -> int:
    """The number of right items out of n that gives an accuracy in percent; `InputError` if none does."""
    count = round(accuracy * n / 100)
    if abs(100 * count / n - accuracy) > ROUNDING:
        raise InputError(f"{accuracy}% is no share of {n} items to one decimal")
    return count


def family(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the R1 family, whose conditions are in `KINDS`."""
    return table[table["condition"].isin(list(KINDS))]


def sizes(table: pd.DataFrame) -> pd.DataFrame:
    """The inferred number of test items of the R1 family, per relation.

    Returns:
        category, figures (their number), n, fits. ``fits`` has all sizes that can give every figure, up to a
        fifth of the relation's problems: the family's test set is a fifth of some of these problems. n is the
        smallest size (its multiples fit too), which gives the widest intervals.

    Raises:
        InputError: no size fits.
    """
    rows = []
    for category, part in family(table).groupby("category", sort=False):
        fits = fitting(part["accuracy"].tolist(), MAIN_TEST[category])
        if not fits:
            raise InputError(f"no number of items fits the accuracies of '{category}'", SHIPPED.path)
        rows.append({"category": category, "figures": len(part), "n": fits[0], "fits": tuple(fits)})
    return pd.DataFrame(rows)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Right answers of the R1 family. Only rows of this table share their test items.

    Returns:
        A row per model, condition and relation, and one for all relations (category ``all``): model,
        condition, category, n, right. ``right`` is missing without a figure; for all relations, if any
        relation has none.
    """
    n = sizes(table).set_index("category")["n"]
    accuracy = family(table).set_index(["model", "condition", "category"])["accuracy"]
    rows = []
    for model in dict.fromkeys(family(table)["model"]):
        for condition in KINDS:
            found = {name: accuracy.get((model, condition, name)) for name in RELATIONS}
            part = [None if value is None else right(value, int(n[name])) for name, value in found.items()]
            parts = zip((*RELATIONS, "all"), (*n[list(RELATIONS)], n.sum()), (*part, _sum(part)), strict=True)
            rows += [(model, condition, *row) for row in parts]
    columns = ["model", "condition", "category", "n", "right"]
    return pd.DataFrame(rows, columns=columns).astype({"right": "Int64"})


def _sum(values: Sequence[int | None]) -> int | None:
    return None if None in values else sum(values)


def rates(counted: pd.DataFrame) -> pd.DataFrame:
    """`counts` (or `seeds`) as accuracies: their columns, and the keys of `wilson`."""
    rows = []
    for row in counted.to_dict("records"):
        known = not pd.isna(row["right"])
        rate = wilson(int(row["right"]), row["n"]) if known else _nothing(row["n"], "no figure")
        rows.append(row | rate)
    return pd.DataFrame(rows)


def _nothing(n: int, note: str, method: str = "Wilson score") -> dict:
    return {"estimate": None, "low": None, "high": None, "n": n, "method": method, "note": note}


def best(counted: pd.DataFrame, among: Sequence[str] = tuple(TRACES)) -> pd.DataFrame:
    """The most accurate condition of each model and category, and its lead over the next.

    Returns:
        model, category, best and next (names joined by a comma at a tie), right and right_next (out of n),
        and the difference of the two rates with Newcombe's interval as if their items were different (see
        `contrasts`).
    """
    rows = []
    for (model, category), part in counted.groupby(["model", "category"], sort=False):
        known = part[part["condition"].isin(among) & part["right"].notna()]
        row = {"model": model, "category": category, "n": int(part["n"].iloc[0])}
        counts = sorted(set(known["right"].astype(int)), reverse=True)[:2]
        for count, (name, right) in zip(counts, (("best", "right"), ("next", "right_next")), strict=False):
            row |= {name: ", ".join(known.loc[known["right"] == count, "condition"]), right: count}
        if len(counts) < 2:
            note = "all conditions with a figure have the same" if counts else "no figure"
            rows.append(row | _nothing(row["n"], note, "Newcombe hybrid score"))
        else:
            rows.append(row | difference(counts[0], row["n"], counts[1], row["n"]) | {"n": row["n"]})
    return pd.DataFrame(rows)


def discordant(first: int, second: int, n: int) -> tuple[int, int]:
    """The fewest and the most discordant items of two conditions with these right answers out of n items."""
    return abs(first - second), min(first + second, 2 * n - first - second)


def contrasts(counted: pd.DataFrame, first: str = "r1-traces") -> pd.DataFrame:
    """Bounds on the paired contrasts of one condition of the R1 family with each other one, from totals.

    Both conditions have the same items, but totals do not say which are right. So there are three intervals:
    Newcombe's as if the conditions were independent, and Bonett and Price's for the pairing with the fewest
    discordant items and for that with the most. McNemar's exact p-value also has these two bounds. The true
    values lie in between. Items pair within a relation, so the bounds of all relations add up.

    Returns:
        A row per model, second condition and category: first, second, estimate, low, high (fractions), n,
        fewest, most (discordant items), low_fewest, high_fewest, low_most, high_most, p_fewest, p_most,
        p_holm_fewest, p_holm_most (over the contrasts of all models in a category), verdict (one of
        `VERDICTS`, after Holm), note.
    """
    table = {key: part for key, part in counted.groupby(["model", "condition"], sort=False)}
    rows = []
    for model in dict.fromkeys(counted["model"]):
        for second in KINDS:
            if second != first:
                pair = {"model": model, "first": first, "second": second}
                parts = table[model, first].merge(table[model, second], on="category")
                rows += [pair | _contrast(parts, category) for category in (*RELATIONS, "all")]
    result = pd.DataFrame(rows)
    for end in ("fewest", "most"):
        result = adjusted(result, "category", f"p_{end}", f"p_holm_{end}")
        result[end] = result[end].astype("Int64")
    result["verdict"] = [_verdict(row) for row in result.to_dict("records")]
    return result


def _contrast(parts: pd.DataFrame, category: str) -> dict:
    """`contrasts` of one pair in one category.

    Args:
        parts: right_x and right_y, n_x and n_y per relation and for ``all``.
    """
    whole = parts[parts["category"] == category].iloc[0]
    row = {"category": category, "n": int(whole["n_x"])}
    if pd.isna(whole["right_x"]) or pd.isna(whole["right_y"]):
        return row | {"estimate": None, "low": None, "high": None, "note": "no figure of one condition"}
    strata = parts[parts["category"] != "all"] if category == "all" else parts[parts["category"] == category]
    limits = [discordant(part.right_x, part.right_y, part.n_x) for part in strata.itertuples()]
    fewest, most = (int(sum(values)) for values in zip(*limits, strict=True))
    ends = {"fewest": fewest, "most": most}
    ahead = int(whole["right_x"] - whole["right_y"])
    as_if = difference(int(whole["right_x"]), row["n"], int(whole["right_y"]), row["n"])
    row |= interval_of(as_if) | ends
    for name, together in ends.items():
        pairs = paired_totals((together + ahead) // 2, (together - ahead) // 2, row["n"])
        row |= {f"low_{name}": pairs["low"], f"high_{name}": pairs["high"], f"p_{name}": pairs["p"]}
    return row | {"note": ""}


def paired_totals(only_first: int, only_second: int, n: int) -> dict:
    """`tracelib.stats.paired.paired_difference` of n pairs with these discordant counts."""
    first = [True] * only_first + [False] * only_second + [True] * (n - only_first - only_second)
    second = [False] * only_first + [True] * only_second + [True] * (n - only_first - only_second)
    return paired_difference(pd.Series(first), pd.Series(second))


def _verdict(row: dict) -> str:
    if row["estimate"] is None or pd.isna(row["estimate"]):
        return ""
    adjusted = (row["p_holm_fewest"], row["p_holm_most"])
    below = [not pd.isna(p) and p < LEVEL for p in adjusted]
    if all(below):
        return VERDICTS[0] if row["estimate"] > 0 else VERDICTS[1]
    return VERDICTS[2] if any(below) else VERDICTS[3]


def behind_vanilla(counted: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Vanilla minus decomposed traces, on the R1 family's test set and on the main test set.

    The two sets differ in their training items, in their test items, and in how items got their traces. So
    the two rows of a model cannot be compared. Intervals are Newcombe's, as if conditions were independent.

    Args:
        counted: the result of `counts`.
        stated: the release's accuracies (`tracelib.paper.release.load_accuracies`), for the main set.

    Returns:
        model, set, vanilla, decomposed (right answers), estimate, low, high (fractions), n (per condition),
        method, note. A model without main runs has one row.
    """
    whole = counted[counted["category"] == "all"].set_index(["model", "condition"])
    main = stated[stated["dataset"] == "cotempqa"].set_index(["model", "condition", "category"])["accuracy"]
    rows = []
    for model in dict.fromkeys(counted["model"]):
        pair = [whole.loc[(model, name)] for name in ("r1-set-vanilla", "r1-set-custom-traces")]
        rows.append(_behind(model, "R1 family", int(pair[0]["n"]), *(int(row["right"]) for row in pair)))
        found = [
            [main.get((model, condition, name)) for name in RELATIONS] for condition in ("vanilla", "correct")
        ]
        if not any(value is None for values in found for value in values):
            totals = [
                sum(right(value, MAIN_TEST[name]) for name, value in zip(RELATIONS, values, strict=True))
                for values in found
            ]
            rows.append(_behind(model, "main", sum(MAIN_TEST.values()), *totals))
    return pd.DataFrame(rows)


def _behind(model: str, name: str, n: int, vanilla: int, decomposed: int) -> dict:
    row = difference(vanilla, n, decomposed, n)
    return {"model": model, "set": name, "vanilla": vanilla, "decomposed": decomposed, **row, "n": n}


def versions(table: pd.DataFrame) -> pd.DataFrame:
    """Figures with two versions in the repository.

    Returns:
        model, condition, category, n, accuracy, commit, other, other_commit (accuracies in percent), points
        (other minus accuracy), items (the same difference in items).
    """
    keys = ["model", "condition", "category"]
    both = OTHER_VERSIONS.merge(table, on=keys).merge(sizes(table)[["category", "n"]], on="category")
    both["points"] = (both["other"] - both["accuracy"]).round(1)
    both["items"] = [right(row.other, row.n) - right(row.accuracy, row.n) for row in both.itertuples()]
    both["commit"] = both["commit"].str[:8]
    return both[[*keys, "n", "accuracy", "commit", "other", "other_commit", "points", "items"]]


def with_other_versions(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its figures replaced by those of `OTHER_VERSIONS`, where these exist."""
    keys = ["model", "condition", "category"]
    other = table[keys].merge(OTHER_VERSIONS, on=keys, how="left")["other"].to_numpy()
    return table.assign(accuracy=table["accuracy"].where(pd.isna(other), other))


def seeds(table: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Right answers of the repeated main runs.

    Args:
        table: the result of `load`, which has the further seeds.
        stated: the release's accuracies (`tracelib.paper.release.load_accuracies`), for the run called
            ``released``. Its seed is not stated.

    Returns:
        model, condition, category (and ``all``), run, n, right. ``right`` is missing without a figure; for
        all relations, if any relation has none.
    """
    more = table[table["seed"].notna()]
    more = more.assign(run=more["seed"].astype(str), condition=more["condition"].map(CONDITIONS))
    keys = ["model", "condition", "category", "run", "accuracy"]
    same = stated["model"].isin(more["model"].unique()) & stated["condition"].isin(list(CONDITIONS.values()))
    released = stated[same & (stated["dataset"] == "cotempqa")].assign(run="released")
    accuracy = pd.concat([released[keys], more[keys]]).set_index(keys[:-1])["accuracy"]
    runs = ["released", *sorted(more["run"].unique())]
    rows = []
    for model in dict.fromkeys(more["model"]):
        for condition in CONDITIONS.values():
            for run in runs:
                found = [accuracy.get((model, condition, name, run)) for name in RELATIONS]
                part = [
                    None if value is None else right(value, MAIN_TEST[name])
                    for name, value in zip(RELATIONS, found, strict=True)
                ]
                sizes_here = (*(MAIN_TEST[name] for name in RELATIONS), sum(MAIN_TEST.values()))
                parts = zip((*RELATIONS, "all"), sizes_here, (*part, _sum(part)), strict=True)
                rows += [(model, condition, category, run, n, count) for category, n, count in parts]
    columns = ["model", "condition", "category", "run", "n", "right"]
    return pd.DataFrame(rows, columns=columns).astype({"right": "Int64"})


def spread(runs: pd.DataFrame) -> pd.DataFrame:
    """The standard deviation of accuracy over runs, and its standard error over items for comparison.

    Returns:
        A row per model, condition and category: mean, lowest, highest (fractions); estimate, low, high (the
        standard deviation over runs, with a chi-square interval that assumes normal runs); n (runs),
        item_error (binomial standard error of the mean accuracy for that many items), ratio (variance over
        runs divided by variance over items), method, note. One run has no standard deviation; runs that are
        all equal have no interval.
    """
    rows = []
    for keys, part in runs.groupby(["model", "condition", "category"], sort=False):
        known = part[part["right"].notna()]
        shares = (known["right"] / known["n"]).astype(float)
        row = dict(zip(("model", "condition", "category"), keys, strict=True))
        row |= spread_of(shares, unit="run")
        row["note"] = noted(_left_out(part), row["note"])
        if len(shares):
            row |= {"mean": shares.mean(), "lowest": shares.min(), "highest": shares.max()}
            row["item_error"] = sqrt(row["mean"] * (1 - row["mean"]) / int(known["n"].iloc[0]))
        if len(shares) > 1:
            row["ratio"] = (row["estimate"] / row["item_error"]) ** 2 if row["item_error"] else None
        rows.append(row)
    return pd.DataFrame(rows, columns=SPREAD)


def _left_out(part: pd.DataFrame) -> str:
    absent = part.loc[part["right"].isna(), "run"].unique().tolist()
    return f"no figure of run {', '.join(absent)}" if absent else ""


def seed_differences(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean differences of two conditions over the runs, with t intervals.

    The two accuracies of a run share seed and items, so they are paired. With three or four runs the t
    quantile is 4.3 or 3.2: only differences much larger than the spread of the runs are significant. The
    interval says nothing about other test items.

    Returns:
        A row per model, category and pair: first, second, estimate, low, high (fractions), n (runs), ahead
        (runs in which the first is higher), statistic, df, p, p_holm (over models and pairs in a category),
        method, note.
    """
    rows = []
    for (model, category), part in runs.groupby(["model", "category"], sort=False):
        share = part.assign(share=(part["right"] / part["n"]).astype("Float64"))
        wide = share.pivot(index="run", columns="condition", values="share")
        for first, second in combinations(CONDITIONS.values(), 2):
            both = wide[[first, second]].dropna().astype(float)
            absent = ", ".join(sorted(set(wide.index) - set(both.index)))
            row = t_interval((both[first] - both[second]).tolist())
            note = noted(row["note"], absent and f"no figure of run {absent}")
            pair = {"model": model, "category": category, "first": first, "second": second}
            rows.append({**pair, **row, "note": note})
    return adjusted(pd.DataFrame(rows), "category")


def t_interval(values: Sequence[float]) -> dict:
    """`tracelib.stats.seeds.mean` over runs, and ahead (values above zero)."""
    ahead = sum(value > 0 for value in values)
    return mean(values, unit="run") | {"ahead": ahead, "method": "paired t"}


def aime(table: pd.DataFrame) -> pd.DataFrame:
    """The figures on AIME: model, condition, category, right, and the keys of `wilson`."""
    stated = table[table["dataset"] == "OpenThoughts-SFT"]
    found = stated[["model", "condition"]].join(stated["category"].str.extract(TEST_SET).astype({"n": int}))
    found["right"] = (stated["accuracy"] * found["n"] / 100).round().astype(int)
    shares = [wilson(count, n) for count, n in zip(found["right"], found.pop("n"), strict=True)]
    return found.reset_index(drop=True).join(pd.DataFrame(shares))


def accuracy_table(rated: pd.DataFrame) -> pd.DataFrame:
    """`rates` of the R1 family as a readable table: a column per condition, in percent with intervals."""
    wide = rated.assign(shown=[percent(row) for row in rated.to_dict("records")])
    wide = wide.pivot(index=["model", "category", "n"], columns="condition", values="shown").reset_index()
    models = list(dict.fromkeys(rated["model"]))
    order = {name: place for place, name in enumerate((*models, *RELATIONS, "all"))}
    wide = wide.sort_values(["model", "category"], key=lambda column: column.map(order))
    return wide[["model", "category", "n", *KINDS]].rename_axis(columns=None)


def behind_table(rows: pd.DataFrame) -> pd.DataFrame:
    """`behind_vanilla` as a readable table."""
    shown = rows[["model", "set", "n", "vanilla", "decomposed"]].rename(columns={"set": "test set"})
    points = [percent(row) for row in rows.to_dict("records")]
    return shown.assign(**{"vanilla − decomposed, points [as if independent]": points})


def best_table(chosen: pd.DataFrame) -> pd.DataFrame:
    """`best` as a readable table."""
    return pd.DataFrame(
        {
            **{name: chosen[name] for name in ("model", "category", "n", "best")},
            "right": chosen["right"],
            "next best": chosen["next"],
            "right (next best)": chosen["right_next"],
            "points ahead [as if independent]": [percent(row) for row in chosen.to_dict("records")],
        }
    )


def contrast_table(contrasted: pd.DataFrame) -> pd.DataFrame:
    """`contrasts` as a readable table: percentage points with three intervals, p-values of both bounds."""
    rows = []
    for row in contrasted.to_dict("records"):
        known = not pd.isna(row["estimate"])
        ends = {
            name: f"[{100 * row[f'low_{name}']:.1f}, {100 * row[f'high_{name}']:.1f}]" if known else "–"
            for name in ("fewest", "most")
        }
        rows.append(
            {
                "model": row["model"],
                "comparison": f"{row['first']} − {row['second']}",
                "n": row["n"],
                "points [as if independent]": percent(row),
                "if they differ on the fewest items": ends["fewest"],
                "on the most": ends["most"],
                "p (Holm), fewest": p_value(row["p_holm_fewest"]),
                "p (Holm), most": p_value(row["p_holm_most"]),
                "verdict": row["verdict"] or row["note"],
            }
        )
    return pd.DataFrame(rows)


def spread_table(spreads: pd.DataFrame) -> pd.DataFrame:
    """`spread` as a readable table, in percent."""
    return pd.DataFrame(
        {
            **{name: spreads[name] for name in ("model", "condition", "category")},
            "runs": spreads["n"],
            "mean": [_number(100 * value) for value in spreads["mean"]],
            "lowest to highest": [
                f"{_number(100 * row.lowest)} to {_number(100 * row.highest)}" for row in spreads.itertuples()
            ],
            "sd over runs [interval]": [percent(row) for row in spreads.to_dict("records")],
            "standard error over items": [_number(100 * value) for value in spreads["item_error"]],
            "variance ratio": [_number(value, 2) for value in spreads["ratio"]],
            "note": spreads["note"],
        }
    )


def _number(value: float, digits: int = 1) -> str:
    return "–" if pd.isna(value) else f"{value:.{digits}f}"


def difference_table(differences: pd.DataFrame) -> pd.DataFrame:
    """`seed_differences` as a readable table, in percentage points."""
    return pd.DataFrame(
        {
            "model": differences["model"],
            "category": differences["category"],
            "comparison": differences["first"] + " − " + differences["second"],
            "runs": differences["n"],
            "first higher in": differences["ahead"],
            "points [t interval]": [percent(row) for row in differences.to_dict("records")],
            "p": differences["p"].map(p_value),
            "p (Holm)": differences["p_holm"].map(p_value),
            "note": differences["note"],
        }
    )
