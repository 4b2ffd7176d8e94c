"""A second reading of the released outputs, by plain string operations, compared with tracelib's verdicts.

Nothing here uses tracelib's own reading of texts: not its parser, its printed lists, its checks or
its metrics. The remaining disagreements are counted and explained.
"""

import ast
import hashlib
import json
import string
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracelib.cli.main import main
from tracelib.paper import release

COTEMPQA = "main/results/Cotempqa/evaluation_outputs"
BABI = ("babiqa/results/Babiqa/evaluation_outputs", "babiqa/results/babiqa/evaluation_outputs")
TUNED = {
    "_default": "vanilla",
    "-reasoning-facts_default": "correct",
    "-reasoning-facts-perturbed_default": "incorrect",
}
JUDGED_BY = {"cotempqa": "strict", "babi": "official"}  # the metric for a reading's answer
LABELS = ("Answer:", "The answer is:", "the answer is:", "The answer is", "the answer is")
SEPARATORS = ("', '", "','", '", "', '","', "', \"", "\", '")
WORDS = {True: "right", False: "wrong"}
CELLS = [f"trace_{trace}_answer_{answer}" for trace in WORDS.values() for answer in WORDS.values()]


@dataclass(frozen=True)
class Reading:
    """One output as read here; `answer` is the verdict by `JUDGED_BY`."""

    path: Path
    run: tuple[str, str, str]  # dataset, model, condition
    relation: str
    item: str
    category: bool
    retrieval: bool
    cited: int
    both: int
    answer: bool


# --- The reading ------------------------------------------------------------------------------


def trace_of(text):
    return text.partition("</think>" if "</think>" in text else "<answer>")[0]


def label(text):
    """The text after the trace's first " is:", to the end of the line."""
    for line in trace_of(text).split("\n"):
        if " is:" in line:
            return line.partition(" is:")[2].strip().removesuffix(".").lower()
    return None


def strings(text):
    """The strings of a printed list, split where two quotes meet; other text is one string."""
    text = text.strip()
    if not text.startswith("["):
        return [text]
    for separator in SEPARATORS:
        text = text.replace(separator, "\n")
    return text.strip("[]\"'").replace("\\'", "'").replace("\\xa0", "\xa0").split("\n")


def cited(text):
    """The sentences that step 2 lists, in lower case; None without that step."""
    _, found, rest = trace_of(text).partition("to answer the question:")
    return {quote.strip().lower() for quote in strings(rest.strip().partition("\n")[0])} if found else None


def untagged(text):
    """The text after the last "</think>", without repeated steps."""
    text = text.rpartition("</think>")[2].strip() or text.replace("</think>", "")
    lines = text.strip().removeprefix("assistant").strip().removeprefix("<think>").split("\n")
    return "\n".join(x for x in lines if not x.startswith(("The temporal relation", "I need to use")))


def searched(text):
    """The text that the release's search compares: in the tags, or after the first "Answer:", or all text."""
    if "<answer>" in text:
        return text.partition("<answer>")[2].partition("</answer>")[0]
    text = untagged(text)
    place = text.lower().find("answer:")
    return text[place + len("answer:") :] if place >= 0 else text


def said(text):
    """The answer: in the tags, in the last box, or after the last label outside the thought.

    A last box or label that was cut is skipped: the one before starts with its text.
    """
    if "<answer>" in text:
        return text.partition("<answer>")[2].partition("</answer>")[0]
    if text.count("<think>") == text.count("</think>") == 1:
        before, _, rest = text.partition("<think>")
        text = f"{before}\n{rest.partition('</think>')[2]}"
    if "boxed{" in text:
        boxes = [part.partition("}")[0].removeprefix("\\text{") for part in text.split("boxed{")[1:]]
        return boxes[-2] if len(boxes) > 1 and boxes[-2].startswith(boxes[-1]) else boxes[-1]
    for label in LABELS:
        text = text.replace(label, LABELS[0])
    first, *labelled = text.split(LABELS[0])
    lines = [line for part in labelled if (line := part.strip().partition("\n")[0].strip(" *`"))]
    if len(lines) > 1 and lines[-2].startswith(lines[-1]):
        del lines[-1]
    return lines[-1] if lines else untagged(first)


def plain(text):
    return " ".join("".join(c for c in text.lower() if c not in string.punctuation).split())


def typed_alike(text):
    return plain(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).removeprefix("the ")


def model_and_condition(name):
    stem = name.rpartition(".")[0]
    model, tuned, rest = stem.partition("-sft-adapter")
    return (model, TUNED[rest]) if tuned else (stem.partition("_")[2].partition("_default")[0], "prompted")


def reading(path, record):
    text = record["prediction"]
    if "passage" in record:
        dataset, relation, category = "babi", "", record["query_type"]
        facts, golds = ast.literal_eval(record["passage"]), [record["gold"]]
        supporting = {fact.lower() for fact in ast.literal_eval(record["answer_passage"])}
        answer = plain(searched(text)) == plain(record["gold"])
    else:
        dataset, relation = "cotempqa", path.parent.name.removesuffix("_default")
        category, facts, golds = relation, record["facts"], record["gold"]
        supporting = {fact.lower() for fact in facts if any(gold in fact for gold in golds)}
        answer = set(map(typed_alike, strings(said(text)))) == set(map(typed_alike, golds))
    content = json.dumps([record["question"], facts, golds], ensure_ascii=False)
    quoted = cited(text)
    known = {fact.lower() for fact in facts} & (quoted or set())
    return Reading(
        path=path,
        run=(dataset, *model_and_condition(path.name)),
        relation=relation,
        item=hashlib.sha256(content.encode()).hexdigest()[:12],
        category=label(text) == category,
        retrieval=quoted is not None and known == supporting,
        cited=len(known),
        both=len(known & supporting),
        answer=answer,
    )


@pytest.fixture(scope="module")
def readings(release_root):
    paths = [path for folder in (COTEMPQA, *BABI) for path in sorted((release_root / folder).rglob("*.*"))]
    return [
        reading(path, json.loads(line)) for path in paths for line in path.read_text("utf-8").splitlines()
    ]


# --- Item by item -----------------------------------------------------------------------------

DISAGREEMENTS = {  # (what, dataset, ours): number of outputs; `ours` is the verdict of the reading here
    # Three answers stand within code, as in "[List('A')]}" and "[<span>A</span>]"; three are lists without
    # quotes, "A, B", "[A, B]" and "A and B"; one is numbered, "(1) A". tracelib is right; this reading knows
    # only lists in quotes. Five are from Qwen3-1.7B's incorrect run, two from its prompted run. Three more
    # are copies of one prompted output that repeats its beginning at its end; tracelib skips the repetition.
    ("answer", "cotempqa", False): 10,
    # The answer stands in code that was cut, in Qwen3-1.7B's prompted run. tracelib takes the cut name, as
    # the whole name before it stands in quotes.
    ("answer", "cotempqa", True): 1,
    # The output repeats "Answer: Bedroom" dozens of times. The release's evaluation (`official`) takes the
    # first.
    ("answer", "babi", False): 1,
}


@pytest.fixture(scope="module")
def outcomes(release_root):
    return release.load_outcomes()


@pytest.fixture(scope="module")
def pairs(readings, outcomes):
    """Each reading with tracelib's row for the same output; both keep the order of each file's lines."""
    rows = defaultdict(list)
    for row in outcomes[0].itertuples():
        relation = row.category if row.dataset == "cotempqa" else ""
        rows[row.dataset, row.model, row.condition, relation].append(row)
    assert {run: len(found) for run, found in rows.items()} == Counter((*r.run, r.relation) for r in readings)
    rows = {run: iter(found) for run, found in rows.items()}
    return [(ours, next(rows[*ours.run, ours.relation])) for ours in readings]


def test_both_readings_are_of_the_same_outputs(pairs):
    assert len(pairs) == 13_458
    assert all(theirs.item.partition(".")[0] == ours.item for ours, theirs in pairs)


def test_the_readings_agree_but_for_what_is_counted(pairs):
    found = Counter()
    for ours, theirs in pairs:
        dataset = ours.run[0]
        found["category", dataset, ours.category] += ours.category != theirs.category_correct
        found["retrieval", dataset, ours.retrieval] += ours.retrieval != theirs.retrieval_correct
        trace = ours.category and ours.retrieval
        found["trace", dataset, trace] += trace != theirs.trace_correct
        counts = (theirs.facts_cited, theirs.facts_both)
        found["counts", dataset, None] += (ours.cited, ours.both) != counts
        answer = getattr(theirs, f"answer_{JUDGED_BY[dataset]}")
        found["answer", dataset, ours.answer] += ours.answer != answer
    assert dict(+found) == DISAGREEMENTS


def test_the_reading_finds_both_verdicts_often(readings):
    """The readings do not agree merely because both are empty."""
    for dataset in ("cotempqa", "babi"):
        own = [r for r in readings if r.run[0] == dataset and r.run[2] in ("correct", "incorrect")]
        for name in ("category", "retrieval", "answer"):
            share = sum(getattr(r, name) for r in own) / len(own)
            assert 0.15 < share < 0.98, (dataset, name)


# --- The command line's counts ----------------------------------------------------------------


CORRECTIONS = {  # from DISAGREEMENTS, in tuned runs
    ("cotempqa", "Qwen3-1.7B", "incorrect"): {
        "answer_correct": 5,
        "trace_wrong_answer_right": 5,
        "trace_wrong_answer_wrong": -5,
    },
}


def expected_counts(readings):
    """The pooled 2x2 table of every tuned run and its margins, by this reading and `CORRECTIONS`."""
    table = defaultdict(Counter)
    for r in readings:
        if r.run[2] == "prompted":
            continue
        answer = r.answer
        trace = r.category and r.retrieval
        counts = table[r.run]
        counts["n"] += 1
        counts["category_correct"] += r.category
        counts["retrieval_correct"] += r.retrieval
        counts["trace_correct"] += trace
        counts["answer_correct"] += answer
        for cell in CELLS:
            counts[cell] += cell == f"trace_{WORDS[trace]}_answer_{WORDS[answer]}"
    for run, correction in CORRECTIONS.items():
        table[run].update(correction)
    return {run: dict(counts) for run, counts in table.items()}


def printed_counts(capsys, *arguments):
    assert main(list(map(str, arguments))) == 0
    rows = json.loads(capsys.readouterr().out)
    pooled = [row for row in rows if row["category"] == "all" and row["condition"] != "prompted"]
    return {
        (row["dataset"], row["model"], row["condition"]): row
        for row in pooled
        if row["metric"] == JUDGED_BY[row["dataset"]]
    }


def agree(printed, expected):
    found = {run: {name: row[name] for name in expected[run]} for run, row in printed.items()}
    assert found == expected


def test_audit_prints_the_counts_of_the_reading(capsys, readings):
    expected = expected_counts(readings)
    assert len(expected) == 9 + 6
    tuned = dict.fromkeys(r.path for r in readings if r.run in expected)
    agree(printed_counts(capsys, "audit", "--json", *tuned), expected)


def test_release_show_prints_the_counts_of_the_reading(capsys, monkeypatch, readings, outcomes):
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: outcomes)  # reading once is enough
    shown = [
        printed_counts(capsys, "release", "show", "--metric", name, "--json") for name in JUDGED_BY.values()
    ]
    agree(shown[0] | shown[1], expected_counts(readings))
