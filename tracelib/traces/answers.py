"""Find the answer in a generated text, by one procedure for all datasets.

1. Thoughts (`THOUGHT`) are set aside: only the text outside them can be the answer. A closing mark alone ends
   a thought that began in the prompt. If a thought is never closed, only a tagged answer before it counts,
   unless the whole thought is a printed list or a marked answer.
2. Special tokens and chat headers are removed, and with them the text of a further turn.
3. In the rest, the strongest mark that has text counts: a tag, a box, a JSON value, a label ("Answer: x"
   before "the answer is x"). Of several marks of one kind the last counts, because models correct themselves.
   There are exceptions: a mark that follows another without a word between corrects nothing; marks with only
   a comma or *and* between them are one list; a last mark that was cut is passed over; so is a tag that the
   text only talks about. Without any mark, the whole rest is the answer.
4. Code fences, emphasis and marks inside the found text are removed.

`FORMS` and `WRAPPINGS` list what is read; the help page and the tests are made from them. Any text is
accepted, in time linear in its length. No code in it is evaluated, because a model wrote it.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from textwrap import wrap
from typing import NamedTuple

from tracelib.core.pylist import BULLET, CLOSING, QUOTED, entries, listed

KINDS = ("tag", "box", "json", "label", "bare", "none")  # how an answer was found, the strongest first


class Form(NamedTuple):
    """A way to write an answer: the kind of its mark, and a text with ``{}`` in place of the answer."""

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
WRAPPINGS = (  # texts that may stand around any form; {} is the form
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
    """The forms for a help page, grouped by the kind of their mark."""
    lines = []
    for kind in KINDS[:-1]:
        texts = [form.text.format("X").replace("\n", "\\n") for form in FORMS if form.kind == kind]
        lines += wrap("   ".join(texts), 88, initial_indent=f"  {kind:7}", subsequent_indent=" " * 9)
    return "\n".join(lines)


# --- Marks ------------------------------------------------------------------------------------

THOUGHT = (  # names of thoughts, as in <think>, <seed:think>, [THINK], <|START_THINKING|>
    r"(?i:(?:\w{1,20}:)?(?:think|thinking|thoughts?|reason|reasoning|rationale|scratchpad|reflection"
    r"|analysis|cot|chain_of_thought|antthinking))"
)
THOUGHT_MARK = re.compile(
    rf"[<\[\u25c1](?:(?P<open>(?<=<)\|?\s?(?i:start_|begin_of_)?{THOUGHT}\s?\|?>"
    r"|(?<=\[)(?:THINK|think|REASONING)\]|(?<=\u25c1)think\u25b7"
    r"|\|channel\|>(?:analysis|commentary)[^<]{0,80}(?:<\|message\|>)?)"
    rf"|(?P<close>(?<=<)\|?\s?(?:[/\\]|(?i:end_|end_of_))\s?{THOUGHT}\s?\|?>"
    r"|(?<=\[)/(?:THINK|think|REASONING)\]|(?<=\u25c1)/think\u25b7"
    r"|(?:\|end\|><)?(?:\|start\|>assistant<)?\|channel\|>final[^<]{0,80}"
    r"(?:<\|constrain\|>[^<]{0,40})?<\|message\|>))"
)
UNMARKED_THOUGHTS = (  # in the harmony format without its special tokens; as a terminal prints them
    re.compile(r"\A\s*analysis(?=[A-Z\s])(?P<thought>.*?)assistantfinal", re.DOTALL),
    re.compile(r"\A\s*Thinking\.\.\.\s(?P<thought>.*?)\.\.\.\s?done thinking\.", re.DOTALL),
)
ANSWER_TAG = r"(?i:(?:final[ _-]?)?(?:answers?|ans)|solution|response|output|result|final)"
TOKEN_TAG = r"(?i:answer|solution|response)\|>"
TAG = re.compile(
    rf"[<\[](?:(?P<open>\s?{ANSWER_TAG}(?:\s[^<>]{{0,60}}=[^<>]{{0,60}})?\s?>|ANSWER\]|\|(?i:begin_of_|start_){TOKEN_TAG})"
    rf"|(?P<close>\s?[/\\]\s?{ANSWER_TAG}\s?>|[/\\]ANSWER\]|\|(?i:end_of_|end_){TOKEN_TAG}))"
)
PLACEHOLDERS = frozenset(("your answer", "your answer here", "answer", "answer here", "...", "\u2026"))
TOKEN = (  # special tokens of chats, except those that mark a thought or an answer
    r"[<\[](?:\|(?!(?i:(?:begin_of|end_of|start|end)_(?:answer|solution|response))|channel)[^|<>\s]{1,40}\|>"
    r"|\uff5c[^\uff5c<>]{1,40}\uff5c>|/?s>|(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|/?INST\])"
)
SPACE = "\ufeff\u200b \t\r\n"
HEADER = re.compile(
    rf"(?:[\s{SPACE}]++|{TOKEN}|(?:assistant|model)(?=[ \t]*\n|<|\Z)|(?i:assistant)[ \t]*:"
    r"|\#{1,4} (?:Response|Assistant|Output):?(?=\n))*"
)
PROMPT = re.compile(  # the beginning of a text that repeats its prompt
    rf"[\s{SPACE}]*+(?:<s>|<bos>|<\|begin_of_text\|>)?\s*+(?:\[INST\]|<\|im_start\|>(?:system|user)"
    r"|<\|start_header_id\|>(?:system|user)|<start_of_turn>user|<\|(?:system|user)\|>|<\uff5cUser\uff5c>"
    r"|(?:system|user|User:|Human:|### Instruction:)\s|Answer the question based on the context)"
)
ASSISTANT = re.compile(
    r"\[/INST\]|<\|im_start\|>assistant|<\|start_header_id\|>assistant<\|end_header_id\|>|<start_of_turn>model"
    r"|<\|assistant\|>|<\uff5cAssistant\uff5c>|\n(?:assistant|model)(?=\n)|\nAssistant:|\n### Response:"
    r"|Only return the answer\.\s|then give the answer in <answer></answer> tags[^\n]{0,60}\.\n"
)
QUESTION = re.compile(r"\n[ \t]*(?:[*#_]{1,4}[ \t]?)?(?:Question|Q|User|Human|USER|Instruction)[*_]{0,2}:")
CONTEXT = re.compile(r"\s*[*#_ ]{0,4}(?:Context|Passage|Facts|Story|Text)[*_]{0,2}:")
END_OF_TURN = (  # several patterns, because each alone is fast
    re.compile(TOKEN),
    re.compile("Answer the question based on the context"),
    re.compile(r"\n(?:assistant|user)\s*\n|(?<=\S)assistant\s*\n"),  # remains of headers after decoding
)
MARKUP = re.compile(r"</?(?:b|strong|i|em|u|p|div|span|br|code|mark)\b[^<>]{0,80}>", re.IGNORECASE)
BOX = re.compile(r"\\(?:boxed|fbox)\s?\{")
LATEX = re.compile(r"\\(?:text(?:bf|it|rm|tt)?|math(?:rm|bf|it|sf)|mbox|operatorname)\s?\{([^{}]*)\}")
LATEX_BETWEEN = re.compile(r"\\(?:rightarrow|longrightarrow|to|quad|,|;)(?![a-z])\s?")
KEY = re.compile(
    r"['\"](?P<name>(?i:(?:final|correct|short|predicted)?[ _-]?answers?|prediction|response|output|result))"
    r"['\"]\s*+:\s*+"
)
MARKS = r"[*_`#]{0,4}"
NO_LETTER = r"(?<![^\W_])"
ANSWER_WORDS = (
    r"(?i:(?:(?:my|the|your|final|correct|short|direct|predicted)[ \t]+){0,3}"
    r"(?:answers?|ans|solution)(?:\(s\))?)"
)
ELSEWHERE = (  # the word in German, French, Spanish, Portuguese, Italian, Dutch, Danish, Russian, Chinese
    r"(?i:antwort|r\u00e9ponse|respuesta|resposta|risposta|antwoord|svar|\u043e\u0442\u0432\u0435\u0442"
    r"|\u7b54\u6848|\u7b54)"
)
IS = r"(?:is|are|was|were|would be|should be|must be|will be|has to be)"
NO_STATEMENT = (  # words that make "the answer is" a remark about the answer
    r"(?:[a-z]{3,}ly|based|found|given|derived|supported|stated|located|obtained|contained|mentioned|provided"
    r"|correct|clear|unclear|certain|short|helpful|needed|required|supposed"
    r"|in the (?:text|context|passage|facts?)"
    r"|not (?:in|given|provided|mentioned|clear|stated|found))\b"
)
LABEL = re.compile(
    # "Answer: x" anywhere; "**Answer** - x", "### Answer" at the beginning of a line; "#### x"
    rf"{NO_LETTER}(?i:answers?)(?:\(s\))?[ \t]*+{MARKS}[ \t]*+[:\uff1a]"
    rf"|(?:\A|(?<=\n))[ \t>]*+{MARKS}[ \t]*+{ANSWER_WORDS}[ \t]*+{MARKS}[ \t]*+"
    r"(?:[=:\u2013\u2014]|-(?=\s)|(?=\n))"
    rf"|(?:\A|(?<=\n))[ \t>]*+{MARKS}{ELSEWHERE}[ \t]*+{MARKS}[ \t]*+[:\uff1a]"
    r"|(?:\A|(?<=\n))####[ \t]++(?=[-+$\d])"
)
SENTENCE = re.compile(  # "the answer to it is x"
    rf"(?:\b(?i:the|my|our)[ \t]++(?:[\w-]{{1,20}}[ \t]++){{0,2}}|(?:\A|(?<=\n)))(?i:answers?)"
    rf"(?:[ \t]++to\b(?:[^\n:]{{1,200}}\?['\"\u2019\u201d]{{0,2}}|[^\n:?]{{1,200}}?))?"
    rf"[ \t]++{IS}\b(?![ \t]++{NO_STATEMENT})"
    r"(?:[ \t]++(?:as follows|the following|below|therefore|thus|simply))?[ \t]*+[:\uff1a]?"
)
WEAK_LABEL = re.compile(r"(?:\A|(?<=\n))[ \t>]*+[*_]{0,2}(?:A|Output|Response|Prediction)[*_]{0,2}:")
LABELS = (  # the strongest first; the slow first pattern cannot match where the quick second one does not
    (LABEL, re.compile(r"(?i:ans|solution)|####|:|\uff1a")),
    (SENTENCE, re.compile("(?i:answer)")),
    (WEAK_LABEL, re.compile(":")),
)
MAY_BE_MARKED = re.compile(r"[\\{:\uff1a]|[aA][nN][sS]|[sS]olution|SOLUTION|####")
ONLY_A_LABEL = re.compile(r"(?i:(?:the|my)? ?(?:final|correct)? ?answers?(?: is)? ?:?)")
ASIDE = re.compile(
    r"\n[ \t]*[*_#]{0,3}[ \t]?(?i:explanation|reasoning|rationale|justification|reason|note|because"
    r"|confidence|evidence|sources?|supporting facts?|context|step \d+)\b[^\n:]{0,30}:"
)
SENTENCE_END = re.compile(r"[.!?][*_`\"']{0,3}\s+(?=[A-Z*_(\"'])")
LAST_WORD = re.compile(r"[^\s(\"'*]*\Z")
INITIAL = re.compile(r"(?:[A-Z]\.)*[A-Z]")
ABBREVIATIONS = frozenset((  # the last two are names that end in a mark
    *("st", "mt", "ft", "dr", "mr", "mrs", "ms", "prof", "gen", "capt", "col", "lt", "sgt", "maj", "rev"),
    *("gov", "sen", "rep", "inc", "ltd", "co", "corp", "jr", "sr", "vs", "univ", "dept", "ave", "no", "vol"),
    *("yahoo", "jeopardy"),
))  # fmt: skip
PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
STEP_LINE = re.compile(r"^[ \t]*(?:The temporal relation|The category|I need to use the following).*$", re.M)
FENCE = re.compile(r"```[\w-]{0,20}[ \t]*\n(.*?)(?:\n?[ \t]*```|\Z)", re.DOTALL)
LEADS_TO_FENCE = re.compile(r"\A[^\n`]{0,200}:[ \t]*+\n\s*+(?=```)")
REFERENCE = re.compile(
    r"(?:\[\d{1,3}\]|\((?:facts?|lines?|sentences?|sources?|see) [^()\n]{1,30}\))\.?\Z", re.IGNORECASE
)
EMPHASIS = "*_`$"
BETWEEN_PARTS = frozenset(("and", "&", ",", ";", ", and", "/"))  # between marked answers that are one list
LONG = 100  # characters; a longer text after a label may be a thought
MOST = 8  # JSON values that are tried, the last one first, until one has text


class Answer(NamedTuple):
    """The answer's text, None if there is none, and how it was found (one of `KINDS`)."""

    text: str | None
    found: str


NO_ANSWER = Answer(None, "none")


class Parts(NamedTuple):
    """A text split at the marks of thoughts.

    Attributes:
        thoughts: the texts of the thoughts, in order.
        outside: the pieces of text before, between and after the thoughts.
        cut: whether the last thought is never closed.
    """

    thoughts: tuple[str, ...]
    outside: tuple[str, ...]
    cut: bool


def parts(text: str) -> Parts:
    """Split a text into thoughts and the pieces outside them; a prompt that the text repeats is left out."""
    text = _without_prompt(text)
    if text.lstrip()[:1] in ("a", "T"):  # both patterns begin so
        for unmarked in UNMARKED_THOUGHTS:
            if thought := unmarked.match(text):
                return Parts((thought["thought"],), (text[thought.end() :],), False)
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
    """The answer in a generated text, and how it was found."""
    return find_in(parts(text))


def find_in(split: Parts, bare: bool = True) -> Answer:
    """`find` in a text that has already been split.

    Args:
        bare: whether a text without any mark may be the answer.
    """
    outside = _one_turn("\n".join(split.outside))
    if split.cut:
        return _tagged(outside) or _all_of_a_thought(_one_turn(split.thoughts[-1]))
    if marked := _marked(outside):
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
    """The model's own turn, without headers, special tokens and HTML tags that only format text."""
    text = text[HEADER.match(text).end() :]
    for pattern in END_OF_TURN:
        if end := pattern.search(text, 1):
            text = text[: end.start()]
    first = CONTEXT.match(text) and QUESTION.search(text)  # the text repeats its prompt
    if end := QUESTION.search(text, first.end() if first else 0):
        text = text[: end.start()]
    return (MARKUP.sub("", text) if "<" in text else text).strip(SPACE)


def _all_of_a_thought(text: str) -> Answer:
    """The answer, if it is the whole of a thought that is never closed; most such thoughts were cut."""
    if text[:1] in "[(" and text[-1:] in "])" and entries(text):
        return Answer(text, "bare")
    tag = TAG.match(text)
    if tag and tag["open"]:
        closing = TAG.search(text, tag.end())
        is_all = closing and not text[closing.end() :].strip()
        return (is_all and _tagged(text)) or NO_ANSWER
    is_one_line = "\n" not in text.strip()
    if is_one_line and any(label.match(text) for label, _ in LABELS) and not SENTENCE_END.search(text):
        return _labelled(text) or NO_ANSWER
    bare = text.strip("$`*. \n")
    if bare.startswith(("\\boxed", "\\fbox")) and _closes(bare):
        return _boxed(text) or NO_ANSWER
    if bare.startswith(("{", "json\n{")) and _closes(bare):
        return _in_json(text) or NO_ANSWER
    return NO_ANSWER


def _closes(text: str) -> bool:
    """Whether the last character of a text closes its first brace."""
    opening = text.index("{") if "{" in text else len(text)
    return len(_braced(text[opening + 1 :])) == len(text) - opening - 2


# --- Marked answers ---------------------------------------------------------------------------


def _marked(text: str) -> Answer | None:
    return _tagged(text) or _unmarked_within(text)


def _unmarked_within(text: str) -> Answer | None:
    if not MAY_BE_MARKED.search(text):  # spares most texts the slow searches
        return None
    return _boxed(text) or _in_json(text) or _labelled(text)


def _within(text: str) -> str:
    """The answer in a marked text, which may have a further mark: ``<answer>The answer is x.</answer>``."""
    inner = None if text.startswith("[") else _unmarked_within(text)  # a printed list has no mark inside
    return inner.text if inner else _bared(text)


def _tagged(text: str) -> Answer | None:
    marks = list(TAG.finditer(text))
    if not marks:
        return None
    marks = [mark for mark in marks if mark[0][0] == marks[0][0][0]]  # <answer> or [ANSWER], not both
    spans = []  # (start of a tag, the text inside, its end, whether a closing tag ends it)
    if not any(mark["open"] for mark in marks):  # the tag began in the prompt
        spans.append((0, text[: marks[0].start()], marks[0].end(), True))
    for mark, after in zip(marks, [*marks[1:], None], strict=False):
        if mark["open"]:
            closed = after is not None and not after["open"]
            inside = text[mark.end() : after.start() if after else len(text)]
            spans.append((mark.start(), inside, after.end() if closed else mark.end() + len(inside), closed))
    spans = [span for span in spans if span[1].strip() and span[1].strip().lower() not in PLACEHOLDERS]
    pairs = [span for span in spans if span[3]]  # the text may only talk about an opening tag
    last = _last_whole(_grouped(text, [span[:3] for span in pairs or spans]), text)
    return Answer(_within(last), "tag") if last else None


def _grouped(text: str, spans: list[tuple[int, str, int]]) -> list[str]:
    """The marked answers of a text; those with only *and* or a comma between them are one list.

    An answer that follows another without a word between is left out: it does not correct the first.

    Args:
        spans: (start of a mark, the text inside, its end).
    """
    groups: list[list[str]] = []
    before = 0
    for start, inside, end in spans:
        between = text[before:start].strip()
        if not groups or (between and between not in BETWEEN_PARTS):
            groups.append([inside.strip()])
        elif between:
            groups[-1].append(inside.strip())
        before = end
    return [listed(tuple(map(_bared, group))) if len(group) > 1 else group[0] for group in groups]


def _last_whole(found: list[str], text: str, again: str = "") -> str:
    """The last of the found answers; if it was cut, the one before it.

    A cut answer ends the text, and an earlier answer begins with it.

    Args:
        again: another text that may begin with a cut answer, such as a label.
    """
    if len(found) > 1 and text.endswith(found[-1]):
        is_cut = any(said.startswith(found[-1]) for said in (found[-2], again))
        return found[-2] if is_cut else found[-1]
    return found[-1] if found else ""


def _boxed(text: str) -> Answer | None:
    if "\\" not in text:
        return None
    openings = list(BOX.finditer(text))
    ends = [*(opening.start() for opening in openings[1:]), len(text)]
    spans = []
    for opening, end in zip(openings, ends, strict=False):
        inside = _braced(text[opening.end() : end])
        if inside.strip():
            spans.append((opening.start(), inside, opening.end() + len(inside) + 1))
    last = _last_whole(_grouped(text, spans), text)
    return Answer(_bared(last), "box") if last else None


def _braced(text: str) -> str:
    """The text up to the brace that closes one that was opened before it, or to the end."""
    depth = 1
    for brace in re.finditer("[{}]", text):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return text[: brace.start()]
    return text


def _in_json(text: str) -> Answer | None:
    if "{" not in text:
        return None
    keys = list(KEY.finditer(text, text.index("{")))[-MOST:]
    for key in sorted(reversed(keys), key=_rank):
        if value := _value(text, key.end()).strip():
            return Answer(_within(value), "json")
    return None


def _rank(key: re.Match) -> int:
    """The priority of a key, whatever its place: first a final answer, then an answer, then others."""
    name = key["name"].lower()
    return 0 if name.startswith("final") else 1 if name in ("answer", "answers") else 2


def _value(text: str, start: int) -> str:
    """A JSON value as an answer's text. Python's quotes are accepted, and so are values that were cut."""
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
    found = tuple(_texts(value))
    return listed(found) if isinstance(value, list) and found else "".join(found[:1])


def _texts(value: object) -> Iterator[str]:
    """The texts of a JSON value, in order; of an object only its answer, if it has one."""
    left = [value]
    while left:  # no recursion, because the value may be nested deeply
        value = left.pop()
        if isinstance(value, list):
            left += reversed(value)
        elif isinstance(value, dict):
            named = [value[name] for name in ("answer", "text", "value", "name") if name in value]
            left += reversed(named[:1] or list(value.values()))
        elif value is not None:
            # JSON's escapes allow halves of characters, which UTF-8 cannot write.
            text = value if isinstance(value, str) else json.dumps(value)
            yield text.encode("utf-8", "replace").decode("utf-8")


def _labelled(text: str) -> Answer | None:
    said = (_last_said(pattern, text) for pattern, sign in LABELS if sign.search(text))
    found = [value for value in said if value]
    # "Answer: To answer this, ... The answer is x."
    is_thought = len(found) > 1 and len(found[0]) > LONG and len(found[1]) <= LONG
    return Answer(found[is_thought], "label") if found else None


def _last_said(pattern: re.Pattern, text: str) -> str:
    """The text of the last label of a kind that has any; a label's text ends at the next label."""
    labels = list(pattern.finditer(text))
    ends = [*(label.start() for label in labels[1:]), len(text)]
    said = (
        value
        for label, end in reversed(list(zip(labels, ends, strict=False)))
        if (value := _after_label(text[label.end() : end], pattern is SENTENCE))
    )
    last_two = list(islice(said, 2))[::-1]
    return _last_whole(last_two, text, labels[-1][0].strip()) if last_two else ""


def _after_label(text: str, sentence: bool) -> str:
    """The text of a label: the rest of its line; if that is empty, the next paragraph or list.

    After "the answer is", the text ends with the sentence.
    """
    text = text.lstrip(f"{EMPHASIS}:")
    on_its_line = bool(text.partition("\n")[0].strip(EMPHASIS + " \t\r"))
    text = text.strip()
    if fence := FENCE.match(text):
        return _bared(fence[0])
    aside = ASIDE.search(text)
    text = text[: aside.start()] if aside else text
    line = text.partition("\n")[0]
    if not sentence and (inner := _last_said(SENTENCE, line if on_its_line else text)):
        return inner
    if on_its_line:
        said = _bared(_first_sentence(line) if sentence else line)
        return "" if ONLY_A_LABEL.fullmatch(said) else said
    paragraphs = PARAGRAPH_END.split(text)
    items = 1
    while items < len(paragraphs) and BULLET.match(paragraphs[items]):
        items += 1
    return _bared("\n".join(paragraphs[:items]))


def _first_sentence(text: str) -> str:
    """The text up to the end of its first sentence; initials and abbreviations do not end a sentence."""
    for end in SENTENCE_END.finditer(text):
        before = text[: end.start()].strip()
        word = LAST_WORD.search(before)[0]
        is_short = word.lower() in ABBREVIATIONS or INITIAL.fullmatch(word)
        if not is_short or (word == before and word.lower() == "no"):
            return before
    return text


def _bared(text: str) -> str:
    """The text without fences, emphasis, LaTeX and reference; as it is if nothing else would be left."""
    given = text = text.strip(SPACE)
    fence = FENCE.match(text[end.end() :] if (end := LEADS_TO_FENCE.match(text)) else text)
    if fence and fence[1].strip():
        text = fence[1]
    if "\\" in text:
        text = LATEX_BETWEEN.sub(", ", LATEX.sub(r"\1", text)).strip() or text
        text = text.removeprefix("\\(").removesuffix("\\)").removeprefix("\\[").removesuffix("\\]")
    return _plain(REFERENCE.sub("", text.replace("{,}", ","))) or given


def _plain(text: str) -> str:
    """The text without emphasis around it, and without an unmatched mark of emphasis at one end."""
    text = text.strip(SPACE)
    for _ in range(4):  # "***x***" has three of them
        if len(text) < 2 or text[0] != text[-1] or text[0] not in EMPHASIS:
            break
        text = text[1:-1].strip(SPACE)
    for run in ("**", "``"):
        if text.count(run) % 2:
            text = text.removeprefix(run).removesuffix(run)
    return text.strip(SPACE)
