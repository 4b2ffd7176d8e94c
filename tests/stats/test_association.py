"""Published 2x2 tables; coverage of intervals and size of tests, enumerated if possible, else simulated."""

from functools import lru_cache
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact, multinomial
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep

from tracelib.stats.association import exact_p, joint_and_conditional, stratified, two_by_two
from tracelib.stats.proportions import difference, wilson

COUNTS = st.integers(0, 40)
TABLES = st.tuples(COUNTS, COUNTS, COUNTS, COUNTS)
BERKELEY = [  # Bickel, Hammel and O'Connell (1975): men admitted, rejected, women admitted, rejected
    (512, 313, 89, 19),
    (353, 207, 17, 8),
    (120, 205, 202, 391),
    (138, 279, 131, 244),
    (53, 138, 94, 299),
    (22, 351, 24, 317),
]


def limits(row):
    return row["low"], row["high"]


def test_each_rate_has_its_own_denominator():
    """6 right traces have 4 right answers; 14 wrong traces have 5 right answers."""
    row = SimpleNamespace(
        trace_right_answer_right=4,
        trace_right_answer_wrong=2,
        trace_wrong_answer_right=5,
        trace_wrong_answer_wrong=9,
    )
    assert joint_and_conditional(row) == {
        "joint": wilson(4, 20),
        "given_right": wilson(4, 6),
        "given_wrong": wilson(5, 14),
    }


def test_rates_by_hand():
    """4 of 6 answers right after a right trace, 5 of 14 after a wrong one."""
    rows = two_by_two(4, 2, 5, 9)
    assert rows["joint"] == wilson(4, 20)
    assert rows["given_right"] == wilson(4, 6)
    assert rows["given_wrong"] == wilson(5, 14)
    assert rows["trace_given_answer"] == wilson(4, 9)
    assert rows["difference"] == difference(4, 6, 5, 14)
    assert rows["ratio"]["estimate"] == pytest.approx((4 / 6) / (5 / 14))
    assert rows["odds_ratio"]["estimate"] == pytest.approx(4 * 9 / (2 * 5))
    assert rows["phi"]["estimate"] == pytest.approx((4 * 9 - 2 * 5) / np.sqrt(6 * 14 * 9 * 11))
    assert {row["n"] for name, row in rows.items() if not name.startswith(("given", "trace"))} == {20}


def test_epinephrine_trial():
    """7/34 and 1/34 (Perondi et al. 2004), in Fagerland, Lydersen and Laake (2017), chapter 4."""
    rows = two_by_two(7, 27, 1, 33)
    assert limits(rows["difference"]) == pytest.approx((0.0189, 0.3404), abs=5e-5)
    assert rows["ratio"]["estimate"] == pytest.approx(7)
    assert limits(rows["ratio"]) == pytest.approx((1.2086, 43.0330), abs=5e-5)


def test_a_zero_cell():
    """0/16 and 15/72 (Ritland et al. 2007), same chapter: Gart's adjusted logit interval, Fisher's p."""
    rows = two_by_two(0, 16, 15, 57)
    assert limits(rows["odds_ratio"]) == pytest.approx((0.0064, 1.9804), abs=5e-5)
    assert rows["odds_ratio"]["note"] == "a zero cell, one half added to each cell"
    assert rows["chi_square"]["p_exact"] == pytest.approx(0.06287, abs=5e-6)
    assert "0.0629" in rows["chi_square"]["note"]
    assert (rows["ratio"]["estimate"], rows["ratio"]["low"]) == (0, 0)


def test_aspirin_and_heart_attacks():
    """189/11034 and 104/11037: Agresti (2007), sections 2.2 and 2.3. He gives Wald intervals: 1.43 to 2.30
    for the ratio, 0.005 to 0.011 for the difference."""
    rows = two_by_two(189, 10845, 104, 10933)
    assert limits(rows["difference"]) == pytest.approx((0.005, 0.011), abs=5e-4)
    assert rows["ratio"]["estimate"] == pytest.approx(1.82, abs=5e-3)
    assert limits(rows["ratio"]) == pytest.approx((1.43, 2.30), abs=6e-3)
    assert rows["odds_ratio"]["estimate"] == pytest.approx(1.832, abs=5e-4)
    assert limits(rows["odds_ratio"]) == pytest.approx((1.44, 2.33), abs=5e-3)
    assert rows["chi_square"]["note"] == ""


def test_tea_tasting():
    """3, 1, 1, 3: chi-square 2.0, p = 0.157, Fisher's p = 0.486 (Agresti 2007, section 2.6)."""
    row = two_by_two(3, 1, 1, 3)["chi_square"]
    assert (row["statistic"], row["p"]) == pytest.approx((2, 0.15730), abs=5e-6)
    assert row["p_exact"] == pytest.approx(34 / 70)
    assert row["note"] == "an expected count is below 5, Fisher's exact p = 0.486"


def test_berkeley_department_a():
    """Rejection against sex in the first department: SAS output in Penn State's STAT 504, lesson 3."""
    rows = two_by_two(313, 512, 19, 89)
    assert rows["chi_square"]["statistic"] == pytest.approx(17.2480, abs=5e-5)
    assert rows["phi"]["estimate"] == pytest.approx(0.1360, abs=5e-5)
    assert rows["odds_ratio"]["estimate"] == pytest.approx(2.8636, abs=5e-5)
    assert limits(rows["odds_ratio"]) == pytest.approx((1.7112, 4.7921), abs=5e-5)


def test_phi_of_a_published_example():
    """The documented result of `ci.phi` in Bonett's R package statpsych."""
    row = two_by_two(229, 28, 96, 24)["phi"]
    assert row["estimate"] == pytest.approx(0.1229976, abs=5e-8)
    assert limits(row) == pytest.approx((0.01462398, 0.2285149), abs=5e-8)


def test_the_variance_of_phi_is_that_of_the_delta_method():
    """The delta method with a numerical gradient gives the same interval."""
    table = np.array([30.0, 12, 21, 57])
    n, shares = table.sum(), table / table.sum()

    def phi(p):
        a, b, c, d = p
        return (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))

    gradient = np.array([(phi(shares + e) - phi(shares - e)) / 2e-6 for e in 1e-6 * np.eye(4)])
    variance = (shares @ gradient**2 - (shares @ gradient) ** 2) / n
    half = 1.959964 * np.sqrt(variance) / (1 - phi(shares) ** 2)
    expected = np.tanh(np.arctanh(phi(shares)) + np.array([-half, half]))
    assert limits(two_by_two(*table)["phi"]) == pytest.approx(tuple(expected), abs=1e-6)


@pytest.mark.parametrize(("s1", "n1", "s2", "n2"), [(3, 5, 3, 10), (100, 240, 700, 710), (36, 40, 16, 80)])
def test_the_interval_of_the_ratio_is_that_of_statsmodels_away_from_the_corner(s1, n1, s2, n2):
    row = two_by_two(s1, n1 - s1, s2, n2 - s2)["ratio"]
    theirs = confint_proportions_2indep(s1, n1, s2, n2, method="score", compare="ratio")
    assert limits(row) == pytest.approx(theirs, rel=1e-6)


def test_the_interval_of_the_ratio_when_all_of_a_group_are_right():
    """For 5/5 to 10/10 the limits are 1 / (1 + z^2 / 5) and 1 + z^2 / 10 without the small-sample factor
    sqrt(n / (n - 1)). The factor multiplies z^2 by 15 / 14."""
    z2 = 1.959964**2 * 15 / 14
    assert limits(two_by_two(5, 0, 10, 0)["ratio"]) == pytest.approx(
        (1 / (1 + z2 / 5), 1 + z2 / 10), rel=1e-6
    )


@pytest.mark.parametrize(
    ("table", "undefined", "note"),
    [
        ((0, 0, 3, 4), {"given_right", "difference", "ratio"}, "no right trace"),
        ((3, 4, 0, 0), {"given_wrong", "difference", "ratio"}, "no wrong trace"),
        ((0, 3, 0, 4), {"trace_given_answer", "ratio"}, "no right answer"),
        ((3, 0, 4, 0), set(), "no wrong answer"),
        (
            (0, 0, 0, 0),
            {"joint", "given_right", "given_wrong", "trace_given_answer", "difference", "ratio"},
            "no right trace; no wrong trace; no right answer; no wrong answer",
        ),
    ],
)
def test_an_empty_margin_is_none_with_a_note(table, undefined, note):
    rows = two_by_two(*table)
    assert {name for name, row in rows.items() if row.get("estimate", 0) is None} == undefined | {
        "odds_ratio",
        "phi",
    }
    assert rows["odds_ratio"]["note"] == rows["phi"]["note"] == rows["chi_square"]["note"] == note
    assert rows["chi_square"]["p"] is None


def test_no_right_answer_after_a_wrong_trace_has_no_ratio():
    row = two_by_two(3, 1, 0, 4)["ratio"]
    assert (row["estimate"], row["note"]) == (None, "no right answer after a wrong trace, no ratio")


def test_a_perfect_association_has_no_interval_of_phi():
    assert two_by_two(5, 0, 0, 5)["phi"]["estimate"] == 1
    row = two_by_two(0, 5, 6, 0)["phi"]
    assert (row["estimate"], row["low"], row["note"]) == (-1, None, "a perfect association, no interval")


@given(TABLES)
def test_every_row_is_an_interval_or_says_why_not(table):
    for row in two_by_two(*table).values():
        if "low" in row and row["low"] is not None:
            assert row["low"] <= row["estimate"] + 1e-12
            assert row["estimate"] <= row["high"] + 1e-12
        else:
            assert row["note"] or row.get("statistic") is not None
        assert not any(isinstance(value, float) and np.isnan(value) for value in row.values())


@given(TABLES)
def test_turning_the_table_around(table):
    """Exchanging trace and answer changes nothing; exchanging right and wrong traces inverts the contrast."""
    a, b, c, d = table
    rows, across, flipped = two_by_two(a, b, c, d), two_by_two(a, c, b, d), two_by_two(c, d, a, b)
    if rows["phi"]["low"] is None:
        return
    for name in ("phi", "odds_ratio"):
        assert limits(rows[name]) == pytest.approx(limits(across[name]))
    assert limits(rows["phi"]) == pytest.approx((-flipped["phi"]["high"], -flipped["phi"]["low"]))
    odds, inverse = rows["odds_ratio"], flipped["odds_ratio"]
    assert limits(odds) == pytest.approx((1 / inverse["high"], 1 / inverse["low"]))
    if a and c:
        ratio, inverse = rows["ratio"], flipped["ratio"]
        assert limits(ratio) == pytest.approx((1 / inverse["high"], 1 / inverse["low"]), rel=1e-6)
    assert rows["chi_square"]["statistic"] == pytest.approx(sum(table) * rows["phi"]["estimate"] ** 2)


GROUPS = (20, 30)  # numbers of right and wrong traces in the enumerated tables
SETTINGS = [(0.5, 0.5), (0.3, 0.3), (0.3, 0.6), (0.7, 0.4), (0.2, 0.5)]


@pytest.fixture(scope="module")
def enumerated():
    """A function of a row's name and key: its values in all tables, by the two counts of right answers."""
    n1, n2 = GROUPS
    rows = {
        (s1, s2): two_by_two(s1, n1 - s1, s2, n2 - s2) for s1, s2 in product(range(n1 + 1), range(n2 + 1))
    }

    def of(name, key):
        found = [rows[s1, s2][name][key] for s1, s2 in sorted(rows)]
        return np.array(found, float).reshape(n1 + 1, n2 + 1)

    return of


def weights(p1, p2):
    """Probability of every pair of counts."""
    return np.outer(*(binom.pmf(np.arange(n + 1), n, p) for n, p in zip(GROUPS, (p1, p2), strict=True)))


@pytest.mark.parametrize(("p1", "p2"), SETTINGS)
def test_intervals_of_ratio_and_odds_ratio_cover(enumerated, p1, p2):
    """Exact coverage. The score interval stays near 0.95; the logit interval is conservative."""
    for name, truth, least, most in [
        ("ratio", p1 / p2, 0.935, 0.975),
        ("odds_ratio", p1 * (1 - p2) / (p2 * (1 - p1)), 0.945, 0.985),
    ]:
        covers = (enumerated(name, "low") <= truth) & (truth <= enumerated(name, "high"))
        assert least < weights(p1, p2)[covers].sum() < most


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.8])
def test_size_of_the_tests(enumerated, p):
    """Fisher's test never exceeds its level. Pearson's test may exceed it, but by little at these n."""
    assert weights(p, p)[enumerated("chi_square", "p_exact") <= 0.05].sum() <= 0.05
    assert weights(p, p)[enumerated("chi_square", "p") <= 0.05].sum() < 0.06


@lru_cache
def all_of_phi(n):
    """All tables with n items, and the limits of their phi."""
    tables = np.array([(*t, n - sum(t)) for t in product(range(n + 1), repeat=3) if sum(t) <= n])
    return tables, *np.array([limits(two_by_two(*table)["phi"]) for table in tables], float).T


def coverage_of_phi(n, cells):
    """Exact coverage over the tables that have an interval of phi, and the probability of such a table."""
    tables, low, high = all_of_phi(n)
    a, b, c, d = cells
    truth = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    chance = multinomial.pmf(tables, n, cells)
    defined = chance[~np.isnan(low)].sum()
    return chance[(low <= truth) & (truth <= high)].sum() / defined, defined


def test_interval_of_phi_covers_at_small_n():
    coverage, defined = coverage_of_phi(16, (0.25, 0.25, 0.25, 0.25))
    assert 0.93 < coverage < 0.97
    assert defined > 0.999


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("cells", "least"),
    [
        ((0.25, 0.25, 0.25, 0.25), 0.94),
        ((0.4, 0.1, 0.1, 0.4), 0.94),
        ((0.45, 0.05, 0.05, 0.45), 0.94),
        ((0.3, 0.05, 0.3, 0.35), 0.94),
        ((0.5, 0.02, 0.18, 0.3), 0.94),
        ((0.1, 0.2, 0.1, 0.6), 0.91),
        ((0.05, 0.15, 0.05, 0.75), 0.83),  # the least expected count is 0.8: the note warns of this
    ],
)
def test_interval_of_phi_covers(cells, least):
    assert least < coverage_of_phi(40, cells)[0] < 0.97


def test_berkeley_admissions():
    """Agresti (2002), sections 2.3 and 6.3; R's mantelhaen.test(UCBAdmissions): 0.9047, 0.7719 to 1.0603;
    without its continuity correction 1.52, p = 0.217. Departments differ: Breslow-Day 18.83, p = 0.002."""
    rows = stratified(BERKELEY)
    pooled, homogeneity = rows["odds_ratio"], rows["homogeneity"]
    assert pooled["estimate"] == pytest.approx(0.9046968, abs=5e-8)
    assert limits(pooled) == pytest.approx((0.7719074, 1.0603298), abs=5e-8)
    assert (pooled["statistic"], pooled["p"]) == pytest.approx((1.5246, 0.2169), abs=5e-5)
    assert (pooled["n"], pooled["strata"], pooled["note"]) == (4526, 6, "")
    assert (homogeneity["statistic"], homogeneity["p"]) == pytest.approx((18.826, 0.0021), abs=1e-3)
    assert homogeneity["df"] == 5


def test_smoking_in_eight_cities():
    """Liu (1992) in Agresti (2002), section 6.3: 2.17 (1.98 to 2.38), 280.1; Breslow-Day 5.2, p = 0.64."""
    rows = stratified(
        [
            (126, 100, 35, 61),
            (908, 688, 497, 807),
            (913, 747, 336, 598),
            (235, 172, 58, 121),
            (402, 308, 121, 215),
            (182, 156, 72, 98),
            (60, 99, 11, 43),
            (104, 89, 21, 36),
        ]
    )
    assert rows["odds_ratio"]["estimate"] == pytest.approx(2.174, abs=5e-4)
    assert limits(rows["odds_ratio"]) == pytest.approx((1.98, 2.38), abs=5e-3)
    assert rows["odds_ratio"]["statistic"] == pytest.approx(280.138, abs=5e-4)
    assert (rows["homogeneity"]["statistic"], rows["homogeneity"]["p"]) == pytest.approx(
        (5.2, 0.636), abs=5e-4
    )


def test_smoking_and_lung_cancer():
    """Doll and Hill (1950), men and women, in Fagerland, Lydersen and Laake (2017), chapter 10."""
    rows = stratified([(647, 622, 2, 27), (41, 28, 19, 32)])
    assert rows["odds_ratio"]["estimate"] == pytest.approx(4.5239, abs=5e-5)
    assert rows["odds_ratio"]["statistic"] == pytest.approx(24.920, abs=5e-4)
    assert rows["homogeneity"]["statistic"] == pytest.approx(5.175, abs=5e-4)
    assert rows["homogeneity"]["p"] == pytest.approx(0.02292, abs=5e-6)


def test_strata_with_an_empty_margin_are_left_out_and_counted():
    some, empty = [(5, 3, 2, 6), (4, 4, 1, 7)], [(0, 0, 3, 4), (3, 0, 4, 0), (0, 0, 0, 0)]
    with_them, without = stratified(some + empty), stratified(some)
    for name in with_them:
        assert with_them[name] == {**without[name], "note": "strata left out for an empty margin: 3"}
        assert with_them[name]["strata"] == 2


def test_too_few_strata():
    none, one = stratified([(0, 0, 3, 4)]), stratified([(5, 3, 2, 6)])
    assert none["odds_ratio"]["estimate"] is None
    assert none["odds_ratio"]["note"] == "no informative stratum; strata left out for an empty margin: 1"
    assert one["odds_ratio"]["estimate"] == pytest.approx(5)
    assert limits(one["odds_ratio"]) == pytest.approx(limits(two_by_two(5, 3, 2, 6)["odds_ratio"]))
    assert one["odds_ratio"]["note"] == "one informative stratum, nothing to pool"
    for rows in (none, one):
        assert rows["homogeneity"]["p"] is None
        assert rows["homogeneity"]["note"].startswith("fewer than two informative strata")


def test_zero_cells_in_all_strata():
    """Every right trace has a right answer, every wrong trace a wrong one: a test, but no estimate."""
    rows = stratified([(3, 0, 0, 4), (2, 0, 0, 5)])
    assert rows["odds_ratio"]["estimate"] is None
    assert rows["odds_ratio"]["p"] < 0.001
    assert rows["odds_ratio"]["note"] == "zero cells in all strata, no odds ratio"
    assert rows["homogeneity"]["note"] == "no pooled odds ratio"


def test_a_pooled_odds_ratio_of_exactly_one():
    """Two strata without association give a statistic of zero; opposite strata sum((a - e)^2 / variance).

    (6, 4, 4, 6) and (4, 6, 6, 4): e = 5, variance 1 / (4 / 5), so 2 * 1 / 1.25; Tarone's term is 0.
    """
    assert stratified([(3, 3, 4, 4), (1, 2, 4, 8)])["homogeneity"]["statistic"] == pytest.approx(0, abs=1e-12)
    rows = stratified([(6, 4, 4, 6), (4, 6, 6, 4)])
    assert rows["odds_ratio"]["estimate"] == 1
    assert rows["homogeneity"]["statistic"] == pytest.approx(1.6)


CELL = st.integers(1, 40)


@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=2, max_size=6))
def test_homogeneity_is_that_of_statsmodels(tables):
    rows = stratified(tables)
    if abs(rows["odds_ratio"]["estimate"] - 1) < 1e-3:  # statsmodels loses digits here
        return
    theirs = StratifiedTable([np.reshape(table, (2, 2)) for table in tables]).test_equal_odds(adjust=True)
    assert rows["homogeneity"]["statistic"] == pytest.approx(theirs.statistic, rel=1e-5, abs=1e-6)


@given(st.lists(TABLES, max_size=5))
def test_strata_never_end_in_nan(tables):
    for row in stratified(tables).values():
        assert not any(isinstance(value, float) and np.isnan(value) for value in row.values())
        assert row["p"] is not None or row["note"]


def simulated_strata(datasets):
    """Coverage of the common odds ratio and size of the homogeneity test: four strata with odds ratio 3."""
    rng, covered, rejected = np.random.default_rng(4), 0, 0
    bases = np.array([0.2, 0.35, 0.5, 0.6])
    odds = 3 * bases / (1 - bases)
    for _ in range(datasets):
        right, wrong = rng.binomial(40, odds / (1 + odds)), rng.binomial(60, bases)
        rows = stratified(list(zip(right, 40 - right, wrong, 60 - wrong, strict=True)))
        covered += rows["odds_ratio"]["low"] <= 3 <= rows["odds_ratio"]["high"]
        rejected += rows["homogeneity"]["p"] <= 0.05
    return covered / datasets, rejected / datasets


@pytest.mark.parametrize("datasets", [400, pytest.param(4000, marks=pytest.mark.nightly)])
def test_strata_cover_and_keep_their_level(datasets):
    error = 3 * np.sqrt(0.95 * 0.05 / datasets)
    covered, rejected = simulated_strata(datasets)
    assert covered == pytest.approx(0.95, abs=error)
    assert rejected == pytest.approx(0.05, abs=error)


@given(TABLES)
def test_the_exact_test_in_one_stratum_is_fishers(table):
    found = exact_p([table])
    if 0 in (table[0] + table[1], table[2] + table[3], table[0] + table[2], table[1] + table[3]):
        assert found is None
    else:
        assert found == pytest.approx(fisher_exact(np.reshape(table, (2, 2))).pvalue, rel=1e-6)


def test_the_exact_test_in_two_strata_by_hand():
    """One item per margin: each first cell is 0 or 1 with probability 1/2; their sum is 0, 1, 2 as 1:2:1."""
    assert exact_p([(1, 0, 0, 1), (1, 0, 0, 1)]) == pytest.approx(0.5)
    assert exact_p([(1, 0, 0, 1), (0, 1, 1, 0)]) == pytest.approx(1)
    assert exact_p([(1, 0, 0, 1), (1, 0, 0, 1), (5, 0, 3, 0)]) == pytest.approx(
        0.5
    )  # the third has an empty margin


def test_the_exact_test_agrees_with_the_large_sample_one():
    """Berkeley's admissions, 4,526 applicants in six departments."""
    assert exact_p(BERKELEY) == pytest.approx(stratified(BERKELEY)["odds_ratio"]["p"], abs=0.02)


def test_the_exact_test_is_of_its_size():
    """Two strata of five and five items with rates of 0.3 and 0.6; all tables are enumerated."""
    chances, rejected = [], []
    for a, c in product(range(6), repeat=2):
        for e, g in product(range(6), repeat=2):
            chances.append(np.prod(binom.pmf([a, c], 5, 0.3)) * np.prod(binom.pmf([e, g], 5, 0.6)))
            p = exact_p([(a, 5 - a, c, 5 - c), (e, 5 - e, g, 5 - g)])
            rejected.append(p is not None and p < 0.05)
    assert 0 < np.dot(chances, rejected) <= 0.05
