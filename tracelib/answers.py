"""Find the answer in a generated text: one procedure for every dataset.

1. What the model thought (`THOUGHT`) is set aside; only what stands outside it can be the answer. A closing
   mark alone ends a thought that the prompt had begun. A thought that is never closed leaves no answer,
   unless a printed list or a marked answer is all of it.
2. Special tokens and chat headers go, and with them the text of a further turn.
3. Of what is left the strongest mark that has text counts: a tag, a box, a JSON value, a label. Of several of
   the same kind the last counts, as models correct themselves; but a tag that follows another without a
   word between corrects nothing, and a last one that was cut is passed over. Without any mark, all of it is
   the answer.
4. Of the text so found, code fences, emphasis and marks inside it are taken off.

`FORMS` and `WRAPPINGS` list what is read; the help page and the tests are made from them. Everything is
total, and takes time linear in the text's length. Nothing is evaluated: the text is a model's.
"""

import json
import re
from itertools import islice
from textwrap import wrap
from typing import NamedTuple

from tracelib.printed import BULLET, CLOSING, QUOTED, entries, listed

KINDS = ("tag", "box", "json", "label", "bare", "none")  # how an answer was found, the strongest first


class Form(NamedTuple):
    """A way to write an answer: how it is found, and a text with ``{}`` for the answer."""

    kind: str
    text: str


FORMS = (
    Form("tag", "<answer>{}</answer>"),
    Form("tag", "<answer>{}"),
    Form("tag", "<Answer>\n{}\n</Answer>"),
    Form("tag", "<final_answer>{}</final_answer>"),
    Form("tag", "[ANSWER]{}[/ANSWER]"),
    Form("tag", "<answer>**Answer:** {}</answer>"),
    Form("tag", "<answer>```\n{}\n```</answer>"),
    Form("box", "\\boxed{{{}}}"),
    Form("box", "The answer is $\\boxed{{\\text{{{}}}}}$."),
    Form("json", '{{"answer": "{}"}}'),
    Form("json", '```json\n{{"reasoning": "the answer is open", "final_answer": ["{}"]}}\n```'),
    Form("json", "{{'answer': '{}'}}"),
    Form("label", "Answer: {}"),
    Form("label", "**Answer**: {}"),
    Form("label", "**Final answer:** {}\n\nExplanation: see above."),
    Form("label", "### Answer\n{}"),
    Form("label", "The facts say so. Therefore, the answer is {}."),
    Form("label", "The correct answer is: **{}**"),
    Form("label", "A: {}"),
    Form("bare", "{}"),
    Form("bare", "{}."),
    Form("bare", "**{}**"),
    Form("bare", "`{}`"),
    Form("bare", '"{}"'),
    Form("bare", "```\n{}\n```"),
)
WRAPPINGS = (  # what may stand around any of these; {} is the form
    "{}",
    "<think>\nFirst answer: nowhere. Put it in <answer></answer> tags.\n</think>\n\n{}",
    "It is not easy. <answer>nowhere</answer>\n</think>\n{}",
    "<think>\n\n</think>\n\n{}",
    "<thinking>The answer is nowhere.</thinking>\n{}",
    "<reasoning>The answer is nowhere.</reasoning>\n{}",
    "[THINK]The answer is nowhere.[/THINK]{}",
    "<|begin_of_thought|>The answer is nowhere.<|end_of_thought|>\n{}",
    "<|channel|>analysis<|message|>The answer is nowhere.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>{}<|return|>",
    "{}<|im_end|>",
    "{}<|eot_id|>",
    "{}</s>",
    "{}<eos>",
    "{}<|endoftext|>",
    "{}<end_of_turn>\n<start_of_turn>user\nAnd who else?",
    "{}<|im_end|>\n<|im_start|>user\nThe answer is nowhere.<|im_end|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\n{}",
    "<|im_start|>assistant\n{}<|im_end|>",
    "assistant\n\n{}",
    "Assistant: {}",
    "[/INST] {}",
    "{}\n\nQuestion: Who else?\nAnswer: nowhere",
    "\ufeff  {}  \n\n",
)


def forms_help() -> str:
    """The forms by how an answer is found in them, one line each, for a help page."""
    lines = []
    for kind in KINDS[:-1]:
        texts = [form.text.format("X").replace("\n", "\\n") for form in FORMS if form.kind == kind]
        lines += wrap("   ".join(texts), 88, initial_indent=f"  {kind:7}", subsequent_indent=" " * 9)
    return "\n".join(lines)


# --- Marks ------------------------------------------------------------------------------------

THOUGHT = (
    r"(?i:(?:seed:)?think|thinking|thoughts?|reasoning|scratchpad|reflection|analysis|cot|chain_of_thought)"
)
THOUGHT_MARK = re.compile(
    rf"[<\[\u25c1](?:(?P<open>\s?{THOUGHT}\s?>|(?:THINK|REASONING)\]|\|begin_of_thought\|>|think\u25b7"
    r"|\|channel\|>(?:analysis|commentary)[^<]{0,80}(?:<\|message\|>)?)"
    rf"|(?P<close>\s?/\s?{THOUGHT}\s?>|/(?:THINK|REASONING)\]|\|end_of_thought\|>|/think\u25b7"
    r"|(?:\|end\|><)?(?:\|start\|>assistant<)?\|channel\|>final[^<]{0,80}<\|message\|>))"
)
ANSWER_TAG = r"(?i:(?:final[ _-]?)?(?:answers?|ans)|solution|response|output|result|final)"
TAG = re.compile(
    rf"[<\[](?:(?P<open>\s?{ANSWER_TAG}\s?>|ANSWER\]|\|begin_of_(?:answer|solution)\|>)"
    rf"|(?P<close>\s?/\s?{ANSWER_TAG}\s?>|/ANSWER\]|\|end_of_(?:answer|solution)\|>))"
)
TOKEN = (  # that models are given for the parts of a chat; none of those that mark a thought or an answer
    r"[<\[](?:\|(?!(?:begin|end)_of_(?:thought|answer|solution)|channel)[^|<>\s]{1,40}\|>"
    r"|\uff5c[^\uff5c<>]{1,40}\uff5c>|/?s>|(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|/?INST\])"
)
SPACE = "\ufeff\u200b \t\r\n"
HEADER = re.compile(
    rf"(?:[\s{SPACE}]++|{TOKEN}|(?:assistant|model)(?=\s|<|\Z)|(?i:assistant|model|ai|bot)[ \t]*:"
    r"|\#{1,4} (?:Response|Assistant|Output):?(?=\n))*"
)
PROMPT = re.compile(  # a chat that was given back with the prompt
    rf"[\s{SPACE}]*+(?:<s>|<bos>|<\|begin_of_text\|>)?\s*+(?:\[INST\]|<\|im_start\|>(?:system|user)"
    r"|<\|start_header_id\|>(?:system|user)|<start_of_turn>user|<\|(?:system|user)\|>|<\uff5cUser\uff5c>)"
)
ASSISTANT = re.compile(
    r"\[/INST\]|<\|im_start\|>assistant|<\|start_header_id\|>assistant<\|end_header_id\|>|<start_of_turn>model"
    r"|<\|assistant\|>|<\uff5cAssistant\uff5c>"
)
END_OF_TURN = (  # in several patterns, each fast to look for
    re.compile(TOKEN),
    re.compile(r"\n[ \t]*(?:[*#_]{1,4}[ \t]?)?(?:Question|Q|User|Human|USER|Instruction)[*_]{0,2}:"),
    re.compile("Answer the question based on the context"),
)
BOX = re.compile(r"\\(?:boxed|fbox)\s?\{")
LATEX = re.compile(r"\\(?:text(?:bf|it|rm|tt)?|math(?:rm|bf|it|sf)|mbox|operatorname)\s?\{([^{}]*)\}")
KEY = re.compile(
    r"['\"](?i:(?:final|correct|short|predicted)?[ _-]?answers?|prediction|response|output|result)['\"]"
    r"\s*+:\s*+"
)
MARKS = r"[*_`#]{0,4}"
ANSWER_WORDS = (
    r"(?i:(?:(?:my|the|your|final|correct|short|direct|predicted)[ \t]+){0,3}(?:answers?|ans)(?:\(s\))?)"
)
IS = r"(?:is|are|was|were|would be|should be|must be|will be|has to be)"
NO_STATEMENT = (
    r"(?:based|found|given|derived|supported|correct|clear|unclear"
    r"|not (?:in|given|provided|mentioned|clear|stated))\b"
)
STRONG_LABEL = re.compile(
    # "Answer: x" anywhere; "**Answer** - x", "### Answer" at the beginning of a line; "the answer to it is x"
    rf"\b(?i:answers?)(?:\(s\))?[ \t]*{MARKS}[ \t]*[:\uff1a]"
    rf"|(?:\A|(?<=\n))[ \t>]*{MARKS}[ \t]*{ANSWER_WORDS}[ \t]*{MARKS}[ \t]*(?:[=\u2013\u2014]|-(?=\s)|(?=\n))"
    rf"|(?P<sentence>\b(?i:the|my|our)[ \t]+(?:[\w-]{{1,20}}[ \t]+){{0,2}}(?i:answers?)"
    rf"(?:[ \t]+to\b(?:[^\n:]{{1,200}}\?['\"\u2019\u201d]{{0,2}}|[^\n:?]{{1,200}}?))?"
    rf"[ \t]+{IS}\b(?![ \t]+{NO_STATEMENT})"
    r"(?:[ \t]+(?:as follows|the following|below|therefore|thus|simply))?[ \t]*[:\uff1a]?)"
)
WEAK_LABEL = re.compile(r"(?:\A|(?<=\n))[ \t>]*[*_]{0,2}(?:A|Output|Response|Prediction)[*_]{0,2}:")
ASIDE = re.compile(
    r"\n[ \t]*[*_#]{0,3}[ \t]?(?i:explanation|reasoning|rationale|justification|reason|note|because"
    r"|confidence|evidence|sources?|supporting facts?|context|step \d+)\b[^\n:]{0,30}:"
)
SENTENCE_END = re.compile(r"(?<=[^\W_]{3})[.!?][*_`\"']{0,3}\s+(?=[A-Z*_(])|(?<=[\])'\"*`])[.!?]\s")
PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
STEP_LINE = re.compile(r"^[ \t]*(?:The temporal relation|The category|I need to use the following).*$", re.M)
FENCE = re.compile(r"```[\w-]{0,20}[ \t]*\n(.*?)(?:\n?[ \t]*```|\Z)", re.DOTALL)
EMPHASIS = "*_`$"
MOST = 8  # JSON values that are looked at, from the end, for one that has text


class Answer(NamedTuple):
    """What was found: the answer's text, None if there is none, and how (one of `KINDS`)."""

    text: str | None
    found: str


NO_ANSWER = Answer(None, "none")


class Parts(NamedTuple):
    """A text split at the marks of thoughts.

    Attributes:
        thoughts: what stands in them, one after the other.
        outside: the pieces before, between and after them.
        cut: whether the last thought is never closed.
    """

    thoughts: tuple[str, ...]
    outside: tuple[str, ...]
    cut: bool


def parts(text: str) -> Parts:
    """Split a text into what was thought and what stands outside; a prompt given back with it is left out."""
    text = _without_prompt(text)
    thoughts: list[str] = []
    outside: list[str] = []
    start, inside, first = 0, False, True
    for mark in THOUGHT_MARK.finditer(text):
        opens = mark["open"] is not None
        if inside and opens:
            continue
        # A closing mark that comes first ends a thought that began in the prompt.
        (thoughts if inside or (first and not opens) else outside).append(text[start : mark.start()])
        start, inside, first = mark.end(), opens, False
    (thoughts if inside else outside).append(text[start:])
    return Parts(tuple(thoughts), tuple(outside), inside)


def find(text: str) -> Answer:
    """The answer of a generated text, and how it was found."""
    return find_in(parts(text))


def find_in(split: Parts, bare: bool = True) -> Answer:
    """`find` in a text that has been split already.

    Args:
        bare: whether text without any mark may be the answer.
    """
    if split.cut:
        return _all_of_a_thought(_one_turn(split.thoughts[-1]))
    if marked := _marked(_one_turn("\n".join(split.outside))):
        return marked
    if not bare:
        return NO_ANSWER
    said = [STEP_LINE.sub("", piece).strip() for piece in map(_one_turn, split.outside) if piece]
    return Answer(_bared(said[-1]), "bare") if said and said[-1] else NO_ANSWER


# --- One turn ---------------------------------------------------------------------------------


def _without_prompt(text: str) -> str:
    if PROMPT.match(text) and (answering := ASSISTANT.search(text)):
        return text[answering.end() :]
    return text


def _one_turn(text: str) -> str:
    """The model's own turn, without headers and special tokens."""
    text = text[HEADER.match(text).end() :]
    for pattern in END_OF_TURN:
        if end := pattern.search(text):
            text = text[: end.start()]
    return text.strip(SPACE)


def _all_of_a_thought(text: str) -> Answer:
    """The answer that is all of a thought that is never closed, and so a cut one in most cases."""
    if text[:1] in "[(" and text[-1:] in "])" and entries(text):
        return Answer(text, "bare")
    tag = TAG.match(text)
    if tag and tag["open"]:
        inside, closing, after = _until_closed(text, tag.end())
        return NO_ANSWER if after.strip() or not (closing and inside) else Answer(_within(inside), "tag")
    label = STRONG_LABEL.match(text)
    if label and "\n" not in text[label.end() :].strip():
        return _labelled(text) or NO_ANSWER
    ends = text.rstrip("$`*. \n")[-1:] == "}"
    if ends and text.lstrip("$`*").startswith(("\\boxed", "\\fbox")):
        return _boxed(text) or NO_ANSWER
    if ends and text.startswith(("{", "```")):
        return _in_json(text) or NO_ANSWER
    return NO_ANSWER


def _until_closed(text: str, start: int) -> tuple[str, bool, str]:
    """What stands after an opening tag, whether another tag ends it, and what follows that."""
    end = TAG.search(text, start)
    if end is None:
        return text[start:].strip(), False, ""
    return text[start : end.start()].strip(), True, text[end.end() :]


# --- Marked answers ---------------------------------------------------------------------------


def _marked(text: str) -> Answer | None:
    return _tagged(text) or _unmarked_within(text)


def _unmarked_within(text: str) -> Answer | None:
    return _boxed(text) or _in_json(text) or _labelled(text)


def _within(text: str) -> str:
    """The answer in a marked text, where it has a mark of its own: ``<answer>The answer is x.</answer>``."""
    inner = None if text.startswith("[") else _unmarked_within(text)  # a printed list is what it is
    return inner.text if inner else _bared(text)


def _tagged(text: str) -> Answer | None:
    marks = list(TAG.finditer(text))
    kind = next((mark[0][0] for mark in marks if mark["open"]), "")  # <answer> or [ANSWER], not both
    marks = [mark for mark in marks if mark[0][0] == kind]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    found, said_between = [], True
    for mark, end in zip(marks, ends, strict=False):
        inside = text[mark.end() : end].strip()
        if mark["open"] is None:
            said_between |= bool(inside)
        elif inside and said_between:
            found.append(inside)
            said_between = False
    last = _last_whole(found, text)
    return Answer(_within(last), "tag") if last else None


def _last_whole(found: list[str], text: str, again: str = "") -> str:
    """The last of some answers, but for one that was cut: it ends the text and begins what was said before.

    Args:
        again: what may have been begun again instead, such as a label.
    """
    if len(found) > 1 and text.endswith(found[-1]):
        is_cut = any(said.startswith(found[-1]) for said in (found[-2], again))
        return found[-2] if is_cut else found[-1]
    return found[-1] if found else ""


def _boxed(text: str) -> Answer | None:
    if "\\" not in text:
        return None
    starts = [opening.end() for opening in BOX.finditer(text)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=False)]
    found = [inside for piece in pieces if (inside := _braced(piece).strip())]
    last = _last_whole(found, text)
    return Answer(_bared(last), "box") if last else None


def _braced(text: str) -> str:
    """The text up to the brace that closes one before it, or to the end."""
    depth = 1
    for brace in re.finditer("[{}]", text):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return text[: brace.start()]
    return text


def _in_json(text: str) -> Answer | None:
    if "{" not in text:
        return None
    for key in reversed(list(KEY.finditer(text, text.index("{")))[-MOST:]):
        value = _value(text, key.end())
        if value.strip():
            return Answer(_bared(value), "json")
    return None


def _value(text: str, start: int) -> str:
    """A JSON value as an answer's text; Python's quoting is understood, and values that were cut."""
    try:
        return _as_text(json.JSONDecoder().raw_decode(text, start)[0])
    except (ValueError, RecursionError):
        pass
    opening = text[start : start + 1]
    if opening in CLOSING and (inside := QUOTED[opening].match(text, start + 1)):
        return text[start + 1 : inside.end() - 1]
    if opening == "[":
        return listed(entries(text[start:]))
    return re.split(r"[,}\n]", text[start:], maxsplit=1)[0].strip("'\"")


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return listed(tuple(map(_as_text, value)))
    if isinstance(value, dict):
        return _as_text(list(value.values()))
    return "" if value is None else json.dumps(value)


def _labelled(text: str) -> Answer | None:
    for pattern, sign in ((STRONG_LABEL, "ans"), (WEAK_LABEL, ":")):
        if sign not in text.lower():  # spares a slow search
            continue
        labels = list(pattern.finditer(text))
        ends = [
            *(label.start() for label in labels[1:]),
            len(text),
        ]  # what a label says ends with the next one
        said = (
            value
            for label, end in reversed(list(zip(labels, ends, strict=False)))
            if (value := _after_label(text[label.end() : end], label))
        )
        if last_two := list(islice(said, 2))[::-1]:
            return Answer(_last_whole(last_two, text, labels[-1][0].strip()), "label")
    return None


def _after_label(text: str, label: re.Match) -> str:
    """What a label says: the rest of its line, or the next paragraph where that is empty, or a list.

    After "the answer is" it ends with the sentence.
    """
    text = text.lstrip(f"{EMPHASIS}:")
    on_its_line = bool(text.partition("\n")[0].strip(EMPHASIS + " \t\r"))
    text = text.strip()
    if fence := FENCE.match(text):
        return _bared(fence[0])
    aside = ASIDE.search(text)
    text = text[: aside.start()] if aside else text
    if on_its_line:
        line = text.partition("\n")[0]
        return _bared(_first_sentence(line) if label.groupdict().get("sentence") else line)
    paragraphs = PARAGRAPH_END.split(text)
    items = 1
    while items < len(paragraphs) and BULLET.match(paragraphs[items]):
        items += 1
    return _bared("\n".join(paragraphs[:items]))


def _first_sentence(text: str) -> str:
    end = SENTENCE_END.search(text)
    return text[: end.start()] if end else text


def _bared(text: str) -> str:
    """The text without fences, emphasis and LaTeX around it; as it is if that leaves nothing."""
    given = text = text.strip(SPACE)
    fence = FENCE.match(text)
    if fence and fence[1].strip():
        text = fence[1]
    if "\\" in text:
        text = LATEX.sub(r"\1", text).strip() or text
        text = text.removeprefix("\\(").removesuffix("\\)").removeprefix("\\[").removesuffix("\\]")
    return _plain(text) or given


def _plain(text: str) -> str:
    """The text without emphasis around it, and without what was left of it at one end."""
    text = text.strip(SPACE)
    for _ in range(4):  # "***x***" has three of them
        if len(text) > 1 and text[0] == text[-1] and text[0] in EMPHASIS:
            text = text[1:-1].strip(SPACE)
    for run in ("**", "``"):
        text = text.removeprefix(run).removesuffix(run)
    return text.strip(SPACE)
