"""bAbI: the answer, its supporting facts and the task, derived from the story.

The twenty tasks ask in different words, and where two of them ask in the same words their
statements differ; so the task (step 1) follows from the text, and with it the rules that answer it.
Neither gold answer, supporting facts nor category are looked at.
"""

import re
from dataclasses import replace

from tracelib.datasets.babi import occurrences
from tracelib.problems import Problem
from tracelib.solvers import Solution
from tracelib.solvers import babi_relations as relations
from tracelib.solvers import babi_stories as stories

LONGEST_QUESTION = 1000  # characters; the dataset's longest has 70
SLOTS = {  # what may stand in the place of a word in capitals
    "WHO": r"([\w'-]+)",
    "WHOM": r"([\w'-]+)",
    "PLACE": r"([\w'-]+)",
    "OBJECT": r"([\w'-]+)",
    "THING": r"(.+?)",  # of several words
    "OTHER": r"(.+)",
    "BEARING": "(north|south|east|west)",
    "SIDE": "(to the left of|to the right of|above|below)",
}
THEY, SHE, BOTH = r"\b[Tt]hey\b", r"\b(?:[Hh]e|[Ss]he)\b", r"^[\w'-]+ and [\w'-]+ "
NOT, OR = r" is (?:no longer|not) in ", r" is either in "

# How the facts are read (None if a sentence fits no pattern), and for each kind of question the task,
# the question, what one of the statements must contain, and the rule: (what was read, *slots) -> Solution.
QUESTIONS = {
    stories.replay: (
        ("compound-coreference", "Where is WHO?", THEY, stories.place),
        ("basic-coreference", "Where is WHO?", SHE, stories.place),
        ("conjunction", "Where is WHO?", BOTH, stories.place),
        ("single-supporting-fact", "Where is WHO?", "", stories.place),
        ("two-supporting-facts", "Where is the OBJECT?", "", stories.place_of_object),
        ("three-supporting-facts", "Where was the OBJECT before the PLACE?", "", stories.object_before),
        ("time-reasoning", "Where was WHO before the PLACE?", "", stories.before),
        ("three-arg-relations", "What did WHO give to WHOM?", "", stories.gift),
        ("three-arg-relations", "Who gave the OBJECT?", "", stories.giver),
        ("three-arg-relations", "Who gave the OBJECT to WHOM?", "", stories.giver),
        ("three-arg-relations", "Who did WHO give the OBJECT to?", "", stories.receiver),
        ("three-arg-relations", "Who received the OBJECT?", "", stories.last_receiver),
        ("simple-negation", "Is WHO in the PLACE?", NOT, stories.is_in),
        ("indefinite-knowledge", "Is WHO in the PLACE?", OR, stories.is_in),
        ("yes-no-questions", "Is WHO in the PLACE?", "", stories.is_in),
        ("counting", "How many objects is WHO carrying?", "", stories.how_many),
        ("lists-sets", "What is WHO carrying?", "", stories.carried),
        ("agents-motivations", "Where will WHO go?", "", stories.will_go),
        ("agents-motivations", "Why did WHO go to the PLACE?", "", stories.why),
        ("agents-motivations", "Why did WHO get the OBJECT?", "", stories.why),
    ),
    relations.directions: (
        ("two-arg-relations", "What is BEARING of the OTHER?", "", relations.what_is_beside),
        ("two-arg-relations", "What is the THING BEARING of?", "", relations.beside_what),
        ("path-finding", "How do you go from the THING to the OTHER?", "", relations.way),
        ("positional-reasoning", "Is the THING SIDE the OTHER?", "", relations.lies),
    ),
    relations.sizes: (
        ("size-reasoning", "Is the THING bigger than the OTHER?", "", relations.is_bigger),
        ("size-reasoning", "Does the THING fit in the OTHER?", "", relations.fits),
    ),
    relations.kinds: (
        ("basic-deduction", "What is WHO afraid of?", "", relations.fears),
        ("basic-deduction", "What is WHO scared of?", "", relations.fears),
        ("basic-induction", "What color is WHO?", "", relations.colour),
    ),
}


def _pattern(question: str) -> re.Pattern:
    return re.compile(re.sub("[A-Z]{3,}", lambda slot: SLOTS[slot[0]], question.replace("?", r"\?")))


PATTERNS = tuple(
    (_pattern(question), re.compile(statement), category, reader, rule)
    for reader, rows in QUESTIONS.items()
    for category, question, statement, rule in rows
)


def solve(problem: Problem) -> Solution:
    """What follows from question and facts; total: any text gives a `Solution`.

    A fact that stands several times in the context is supporting at each of its places.
    """
    question = problem.question if len(problem.question) <= LONGEST_QUESTION else ""
    for pattern, statement, category, reader, rule in PATTERNS:
        match = pattern.fullmatch(question)
        if match and any(map(statement.search, problem.facts)):
            told = reader(problem.facts)
            if told is None:
                return Solution(category=category, failure="a sentence fits no pattern")
            found = rule(told, *match.groups())
            used = {problem.facts[index] for index in found.supporting}
            return replace(found, category=category, supporting=occurrences(problem.facts, used))
    return Solution(failure="the question fits no pattern")
