"""Simulated respondents: ratings and decisions with known truth, to try the analysis and to plan a study.

A rating follows a proportional-odds model exactly, for each kind of trace and problem. Within a person,
ratings depend on each other through normal effects of the person, of the person with a kind, and of the page
(a Gaussian copula). So the log odds that a fit across persons should find are those that were put in, without
the shrinking that effects of persons on the log odds would bring.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import norm

from tracelib.analysis.collected import Collected
from tracelib.core.errors import InputError

CONSTRUCTS = {  # construct -> kind of trace -> log odds of a higher rating, of the simulated study
    "interpretability": {"r1": -0.9, "summary": 0.2, "explanation": 0.5, "correct": 1.0, "incorrect": 0.4},
    "load": {"r1": 1.4, "summary": 0.2, "explanation": 0.1, "correct": -0.3, "incorrect": -0.3},
}
WORDS = {"r1": 450, "summary": 65, "explanation": 85, "correct": 50, "incorrect": 50}  # in the median
ARMS = {"none": (0.8, 0.0), "trace": (0.9, -0.3), "explanation": (0.8, -0.5), "both": (1.2, 0.0)}
SPREAD = 0.5  # standard deviation of the criterion between participants
QUESTIONS = 5  # per construct
LEFT_OUT = 0.06  # share of participants who stop, and share who fail the attention checks
BASE = (0.08, 0.17, 0.25, 0.30, 0.20)  # shares of the ratings 1 to 5 of a kind whose log odds are zero


@dataclass(frozen=True)
class Respondents:
    """A study and its simulated participants.

    Attributes:
        people: number of participants.
        kinds: kind of trace -> log odds of a higher rating, against a kind with zero.
        within: whether each participant rates every kind, or else one kind.
        pages: traces that a participant rates; a multiple of the number of kinds.
        problems: problems in all, at least the number of pages.
        questions: questions per page.
        base: shares of the ratings, from the lowest, where the log odds are zero.
        person, taste, page: shares of the variance of a rating that belong to the person, to the person with
            this kind, and to this page of the person.
        problem_spread: standard deviation of the problems' log odds.
    """

    people: int
    kinds: Mapping[str, float]
    within: bool = True
    pages: int = 10
    problems: int = 20
    questions: int = 1
    base: tuple[float, ...] = BASE
    person: float = 0.3
    taste: float = 0.1
    page: float = 0.1
    problem_spread: float = 0.5

    def __post_init__(self) -> None:
        if self.people < 1 or self.questions < 1:
            raise InputError("expected at least one participant and one question")
        if self.pages < 1 or self.pages % len(self.kinds):
            raise InputError(f"{self.pages} pages, expected a multiple of the {len(self.kinds)} kinds")
        if self.problems < self.pages:
            raise InputError(
                f"{self.problems} problems, expected at least one for each of {self.pages} pages"
            )
        if min(self.person, self.taste, self.page) < 0 or self.person + self.taste + self.page >= 1:
            raise InputError("expected shares of the variance that are not negative and leave something over")

    @property
    def cuts(self) -> np.ndarray:
        """The log odds of a rating above each point but the highest, where all effects are zero."""
        return logit(1 - np.cumsum(self.base)[:-1])

    def shares(self, log_odds: float) -> np.ndarray:
        """The expected shares of the ratings, from the lowest, at these log odds."""
        above = 1 / (1 + np.exp(-(self.cuts + log_odds)))
        return -np.diff(np.concatenate([[1.0], above, [0.0]]))

    def points(self, first: str, second: str) -> float:
        """The expected difference of the mean ratings of two kinds, at an average problem."""
        ratings = np.arange(1, len(self.base) + 1)
        return float((self.shares(self.kinds[first]) - self.shares(self.kinds[second])) @ ratings)


def ratings(study: Respondents, seed: int) -> pd.DataFrame:
    """Simulated ratings.

    Returns:
        columns participant, kind, problem, page, question, rating; a row per question.
    """
    rng = np.random.default_rng(seed)
    people, pages, kinds = study.people, study.pages, list(study.kinds)
    person = np.arange(people)[:, None]
    # Each participant starts the round of kinds at another place. The draw of problems is the participant's.
    kind = (person + (np.arange(pages) if study.within else 0)) % len(kinds) + np.zeros((people, pages), int)
    problem = rng.random((people, study.problems)).argsort(axis=1)[:, :pages]
    parts = {
        "person": rng.normal(size=(people, 1, 1)),
        "taste": rng.normal(size=(people, len(kinds)))[person, kind][:, :, None],
        "page": rng.normal(size=(people, pages, 1)),
    }
    rest = 1 - study.person - study.taste - study.page
    latent = np.sqrt(rest) * rng.normal(size=(people, pages, study.questions))
    latent = latent + sum(np.sqrt(getattr(study, name)) * part for name, part in parts.items())
    effects = np.array(list(study.kinds.values()))[kind]
    effects = effects + rng.normal(0, study.problem_spread, study.problems)[problem]
    shown = logit(norm.cdf(latent)) + effects[:, :, None]
    rating = 1 + (shown[..., None] + study.cuts > 0).sum(axis=-1)
    whole = np.broadcast_arrays(
        person[:, :, None], kind[:, :, None], problem[:, :, None], np.arange(pages)[:, None],
        np.arange(study.questions), rating,
    )  # fmt: skip
    names = ("participant", "kind", "problem", "page", "question", "rating")
    table = pd.DataFrame({name: column.ravel() for name, column in zip(names, whole, strict=True)})
    return table.assign(kind=np.array(kinds)[table["kind"]])


def decisions(
    people: int,
    arms: Mapping[str, tuple[float, float]],
    pages: int = 16,
    spread: float = SPREAD,
    seed: int = 0,
) -> pd.DataFrame:
    """Simulated decisions to accept or reject right and wrong answers.

    Args:
        arms: what stands beside the answer -> (d', c) of a person whose criterion is the average one.
        pages: decisions per participant, a multiple of twice the number of arms.
        spread: standard deviation of the criterion between participants.

    Returns:
        columns participant, arm, answer_right, accepted.

    Raises:
        InputError: the number of pages is no such multiple.
    """
    if pages < 1 or pages % (2 * len(arms)):
        raise InputError(f"{pages} pages, expected a multiple of {2 * len(arms)}, twice the number of arms")
    rng = np.random.default_rng(seed)
    cells = [(arm, right) for arm in arms for right in (True, False)] * (pages // (2 * len(arms)))
    table = pd.DataFrame(cells * people, columns=["arm", "answer_right"])
    table.insert(0, "participant", np.repeat(np.arange(people), pages))
    d, c = table["arm"].map(arms).str[0].to_numpy(float), table["arm"].map(arms).str[1].to_numpy(float)
    own = np.repeat(rng.normal(0, spread, people), pages)
    evidence = np.where(table["answer_right"], d / 2, -d / 2) + rng.normal(size=len(table))
    return table.assign(accepted=evidence > c + own)


def study(people: int = 100, seed: int = 0) -> Collected:
    """A whole simulated study: both constructs, trust, and participants who are left out."""
    rng = np.random.default_rng(seed)
    rated = []
    for number, (construct, kinds) in enumerate(CONSTRUCTS.items()):
        asked = Respondents(people, kinds, questions=QUESTIONS)
        own = ratings(asked, seed * len(CONSTRUCTS) + number)
        rated.append(own.assign(measures=construct, question=construct + own["question"].astype(str)))
    table = pd.concat(rated, ignore_index=True)
    texts = table[["problem", "kind"]].drop_duplicates()
    texts["words"] = np.round(texts["kind"].map(WORDS) * rng.lognormal(0, 0.25, len(texts))).astype(int)
    decided = decisions(people, ARMS, seed=seed)
    right = decided["accepted"] == decided["answer_right"]
    sure = np.clip(np.round(rng.normal(3 + 0.4 * right, 1)), 1, 5)
    fate = rng.random(people)
    return Collected(
        table.merge(texts, on=["problem", "kind"]),
        decided.assign(confidence=sure),
        pd.DataFrame(
            {
                "participant": range(people),
                "state": np.where(fate < LEFT_OUT, "unfinished", "finished"),
                "excluded": np.where(fate > 1 - LEFT_OUT, "attention_failed", ""),
            }
        ),
        simulated=True,
    )


def pooled(d: float, c: float, spread: float) -> tuple[float, float]:
    """d' and c of all decisions taken together, if the criterion varies between participants."""
    shrunk = 1 / np.sqrt(1 + spread**2)
    return d * shrunk, c * shrunk
