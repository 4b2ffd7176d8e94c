"""The phrases by which a trace compares two times, asks, concludes, or points at an event.

They were written from R1's traces that are not annotated, and are matched in plain text
(`tracelib.scoring.natural.letters.plain`).
"""

import re
from typing import NamedTuple

SPAN = (
    r"(?:time ?(?:frame|span|line|period|interval|slot)?|periods?|spans?|intervals?|dates?|days?|years?"
    r"|tenures?|terms?|windows?|duration|range|stint)"
)
OVERLAP = r"(?:overlap\w*|concurrent\w*|simultaneous\w*|coincid\w*)"
NOT = r"(?:\b(?:not|never|neither|nor|without|hardly|no longer|cannot)|n't)"
WHOLLY = r"(?:entirely|completely|fully|wholly|squarely|well|right|all|perfectly)"
SAME = r"(?:(?:exact(?:ly)?|very|identical|same) (?:the )?)+"
EXACTLY = r"(?:exactly|perfectly|precisely)"
ROLE = r"(?:role|job|employment|membership|presidency|position|attendance)"
MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*"
HELD = (
    r"(?:were|was|held|holds?|worked|had|attended|played|served|employ\w+|positions?|roles?|memberships|jobs)"
)


def _any_of(*phrases: str) -> re.Pattern:
    return re.compile("|".join(phrases))


class Comparison(NamedTuple):
    """Phrases that say how two times stand to each other.

    Attributes:
        relation: one of `tracelib.scoring.natural.intervals.RELATIONS`, or `NO_CLAIM`.
        stems: letters of which some are in every such phrase; without them the slow search is left out.
        pattern: matches the phrases.
    """

    relation: str
    stems: tuple[str, ...]
    pattern: re.Pattern


NO_CLAIM = ""  # such a phrase says nothing by itself
# Where two phrases overlap, the one listed first counts.
COMPARISONS = (
    Comparison(
        NO_CLAIM,
        ("same", "identical", "exact", "very", "the overlaps", "in the year", "cover", "span", "continu"),
        _any_of(
            r"\bthe overlaps\b",
            r"\bsame year\b",
            r"\bin the year \d",
            r"\b(?:cover|span)\w* (?:most|the majority|the bulk|part|earlier|above)\b",
            r"\balready covered\b",
            r"\bcontinu\w+ (?:\w+ )?after\b",
            r"\b(?:next|last|first) (?:\w+ )?after\b",
        ),
    ),
    Comparison(
        "apart",
        ("no", "n't", "never", "neither", "without", "hardly", "outside", "different"),
        _any_of(
            rf"\bno (?:\w+ ){{0,3}}{OVERLAP}",
            rf"{NOT} (?:\w+ ){{0,2}}{SAME}(?:\w+ )?{SPAN}\b",
            rf"{NOT} (?:\w+ ){{0,4}}?(?:{OVERLAP}|fit\w*|match\w*|includ\w*|cover\w*)",
            rf"{NOT} (?:\w+ ){{0,4}}?(?:within|during|inside|while)",
            rf"{NOT} (?:\w+ ){{0,4}}?(?:holding|working|attending|playing|employed)\b",
            rf"{NOT} (?:\w+ ){{0,4}}?(?:at|in|during|within|on) (?:(?:the|that|this) )?(?:\w+ ){{0,2}}{SPAN}",
            r"\boutside\b",
            r"\bso,? no\b(?=\W*\Z)",
            r"\bno match\b",
            r"\b(?:on|at) (?:a )?different (?:dates?|days?|times?)\b",
            rf"\bnon-? ?{OVERLAP}",
        ),
    ),
    Comparison(
        "shared",
        ("same", "identical", "exact", "very"),
        _any_of(rf"\b(?:at|during|in|within|over|for) (?:the|that|this|those) {SAME}(?:\w+ )?{SPAN}\b"),
    ),
    Comparison(
        "equal",
        ("same", "identical", "exact", "very", "perfectly", "precisely"),
        _any_of(
            rf"\bon (?:the|that) {SAME}(?:day|date)\b",
            rf"\bshar\w+ (?:the|that) {SAME}(?:start and end )?dates?\b",
            rf"\b{SAME}(?:\w+ )?{SPAN}\b(?! as (?:the )?(?:start|end))",
            r"\bsame (?:start|beginning)\w* and end",
            r"\b(?:is|was|that's|are|exactly|were) (?:exactly )?the same(?: as\b|\W*\Z)",
            r"(?:\A|[:.(-] ?)same as\b",
            rf"\b(?:match|align)\w*(?: [\w']+){{0,7}}? {EXACTLY}\b",
            rf"\b{EXACTLY} (?:match\w*|align\w*|coincid\w*)",
            rf"\b{OVERLAP} (?:exactly|perfectly)",
            r"\bidentical\b",
        ),
    ),
    Comparison(
        "contains",
        (
            "includ",
            "cover",
            "encompass",
            "contain",
            "span",
            "entire",
            "whole",
            "full",
            "complete",
            "throughout",
        ),
        _any_of(
            r"\bincludes? (?:(?:the|all of|both|part of|his|her|their|most) )*"
            rf"(?:\d{{4}}\b|{MONTH} \d|(?:\w+ )?{SPAN}\b)",
            r"\bcover(?:s|ed|ing)?\b(?! (?:until|from|through|up to|only))",
            r"\b(?:encompass\w*|contain(?:s|ed|ing))\b",
            r"\bspann?(?:s|ing|ed)? (?:the|all|his|her|their|most|both)\b",
            rf"\b(?:entire|whole|full|complete)(?: [\w']+){{0,2}} (?:{SPAN}|{ROLE}|stay|career)\b",
            r"\bthroughout\b",
        ),
    ),
    Comparison(
        "within",
        ("within", "inside", "during", " in "),
        _any_of(
            rf"(?:\b(?:f[ae]ll\w*|lies?|lay|is|was|are|were|be|being|fits?|also|still|{WHOLLY})|\u2192|->)"
            rf" (?:{WHOLLY} )?(?:within|inside)\b",
            rf"\b{WHOLLY} (?:in|during)\b",
            r"\bduring which\b",
        ),
    ),
    Comparison(
        "part",
        ("part", "overlap", "concurrent", "simultaneous", "coincid"),
        _any_of(
            r"\bpartial(?:ly)?\b",
            r"\bpartly\b",
            r"\b(?:for|during|only|in) (?:a )?part of\b",
            rf"\b{OVERLAP}[^.;]{{0,30}}\b(?:first|last|final|early|latter)\b[^.;]{{0,12}}"
            r"\b(?:years?|months?|part|half)\b",
        ),
    ),
    Comparison(
        "before",
        ("before", "prior", "earl", "dat", "preced", "gone", "already"),
        _any_of(
            r"\bbefore\b(?! (?:i|we|going|moving)\b)",
            r"\bprior to\b",
            r"\b(?:way|much|far|even|still|well) earlier\b",
            r"\bearlier than\b",
            r"\btoo early\b(?: to \w+)?",
            r"\bpre-?dat\w+",
            r"\bpreced\w+",
            r"\blong gone\b",
            r"\balready (?:over|ended)\b",
        ),
    ),
    Comparison(
        "after",
        ("after", "late"),
        _any_of(
            r"\bafter(?:wards?)?\b"
            r"(?! (?:review\w*|going|check\w*|looking|all|analy\w*|i|we|examin\w*|compar\w*)\b)",
            r"\b(?:way|much|far|even|still|well|years?|months?|days?|that's|is|are|again|also),? later\b",
            r"(?:\A|[(;:] ?)later\b",
            r"\blater than\b",
            r"\btoo late\b(?: to \w+)?",
        ),
    ),
    Comparison(
        "shared",
        (
            *(
                "overlap",
                "concurrent",
                "simultaneous",
                "coincid",
                "during",
                " in ",
                "within",
                "over",
                "on ",
                "cover",
            ),
            *("at th", "while", "as well as", "both", "still"),
        ),
        _any_of(
            rf"\b{OVERLAP}\b",
            r"\bcover\w* (?:until|from|through|up to)\b",
            r"\b(?:during|in|within|over|on) (?:the|that|this|those|these|his|her|their|its|[\w.]+'s?)"
            rf" (?:(?!year\b)\w+ ){{0,3}}?(?!the year\b|dates?\b){SPAN}\b(?! of\b)",
            rf"\bat (?:that|this|those) {SPAN}\b",
            r"\bon (?:that|this) (?:\w+ )?(?:date|day)\b",
            rf"\bduring (?:[\w.-]+(?:'s?)? ){{1,6}}?(?:{SPAN}|{ROLE})\b",
            r"\bwhile\b",
            r"\bat the time\b",
            r"\bas well as\b",
            rf"\bboth (?:the )?{HELD}\b",
            r"\bwas still\b",
        ),
    ),
)

# Clauses that claim nothing about the events that they do not name.
KIND = r"(?:positions?|employers?|jobs?|schools?|part(?:y|ies)|people|members?|memberships?|players?|entries)"
OTHERS = _any_of(
    r"\b(?:the )?others?\b",
    r"\b(?:anyone|anybody|anything|no one|none|nobody|nothing|everything|the rest)\b",
    rf"\b(?:any|no) (?:\w+ )?{KIND}\b",
)
ANY = _any_of(OTHERS.pattern, rf"\b(?:{KIND}|those|ones) (?:that|who|which|whose)\b")  # whichever they are
ASKS = re.compile(r"\?\W*\Z")
DOUBTS = _any_of(ASKS.pattern, r"\b(?:unless|whether|wonder)\b")
SUPPOSES = _any_of(  # before a phrase that says that time is shared
    r"\b(?:might|maybe|perhaps|could|possible|possibly|unclear|likely|unlikely)\b",
    r"\bdoes(?:n't| not) (?:specify|say|mention)\b",
)
PLANS = _any_of(
    r"\b(?:needs?|wants?|have|has|going|try|trying|looking) to (?:\w+ )?(?:find|figure|look|check|see"
    r"|identify|determine|know|list|focus|compare|make|recall|understand|solve|answer)\b",
    r"\b(?:let me|let's|figure out|looking for|asks|asking|focus\w*)\b",
    r"\bi'll (?!assume|consider)\w+",
    r"\bi (?:need|want) (?:one|any|a|an|the)\b",
    r"(?<!in )\bquestion\b",
    r"\b(?:see|check|find) (?:out )?(?:which|who|whose|what|if|any)\b",
)
ASKED = re.compile(r"(?<![,(\u2192-]) (?:which|whose|who|what|if|any) (?:[\w'.]+ ){0,8}\Z")
THE_ONE = re.compile(
    r"\b(?:only|the|those|individuals|people)\b[^.;]{0,60}\b(?:that|who|which|whose|with)\b[^.;]{0,60}\Z"
)

# How an event stands to a phrase.
COPULA = re.compile(r"\b(?:is|are|was|were|be|being|includ\w+)\b|:")
TOGETHER = re.compile(r"\b(?:both|all|each|they|their|these)\b")
SO = re.compile(r"\b(?:so|therefore|but|then)\b|;")
LINK_WORD = (
    r"(?:and|or|as|well|also|both|the|a|his|her|its|their|positions?|roles?|of|membership|in|on|like|from|to"
    rf"|until|works?|worked|for|{MONTH}|late|early|mid|\d+)"
)
LINK = re.compile(rf"[^\w]*(?:{LINK_WORD}\b[^\w]*)*\Z")  # between two events that are named together
FILLER = r"(?:the|a|an|his|her|their|being|both|he was|she was|they were|position of|term of|for)"
OBJECT = re.compile(  # before an event that something is compared with
    rf"\b(?:same\b[^.;,]{{0,40}} as|similar to|unlike|than|before|after|within|inside|during|while"
    rf"|outside|(?:{OVERLAP}|compar\w+|match\w*|identical|along)(?: \w+){{0,4}} with)\W*(?:{FILLER}\W+)*\Z"
)
WITH = re.compile(rf"\b{OVERLAP}(?: \w+){{0,3}} with\W*(?:(?:the|a|an|both)\W+)*\Z")
LOOK_BACK = 100  # characters before an event that are searched for `OBJECT` and `WITH`
STARTS = re.compile(r"\b(?:became|enter\w*|start\w*|beg[aiu]n\w*|join\w*|onwards?)\b")
ENDS = re.compile(r"\b(?:resign\w*|end\w*|left|leav\w*|until|finish\w*|gone|over)\b")
IS = re.compile(  # between a date and what is said of it
    r"\s*(?:(?:is|was|are|were|falls?|comes?|lies)"
    r"(?: (?:also|still|way|well|long|much|already|just|right|even))*\W*)?"
)

# How a trace concludes.
ANSWER = re.compile(r"\banswers?\b(?! (?:the|this|it|that|my) )")
CONCLUDES = _any_of(
    r"\A\W*(?:so|thus|hence|overall|in short|ultimately)\b",
    r"\b(?:therefore|conclu\w+|summari[sz]\w+|must be|it's clear|the only|looking at the overlaps)\b",
    r"\bputting (?:it|this)\b",
    r"\bfrom (?:this|these)\b",
    r"\b(?:this|that) means\b",
)
SPECULATES = _any_of(
    ASKS.pattern, r"\b(?:maybe|perhaps|implies|suggests|might)\b", r"\bquestion (?:is )?ask\w*\b"
)
HEADS = re.compile(r":[*_ ]*\Z")  # what comes next belongs to it

# How a trace is written.
BACKTRACKING = _any_of(
    r"\bwait\b(?! for)",
    r"\b(?:hold on|actually|looking back|made a mistake|was wrong|scratch that)\b",
    r"\bon second thoughts?\b",
    r"\bdouble[- ]?check\w*",
    r"\bre-?(?:check|read|examin|consider|evaluat)\w*",
    r"\blet me (?:check again|verify|make sure|confirm)\b",
    r"\bi should (?:check|confirm)\b",
    r"\b(?:check|look|go|read)\w* (?:(?:it|this|that|them|through|over|at|the|list) ){0,3}"
    r"(?:again|once more)\b",
    r"\A\W*(?:hmm, |oh, |wait, )?no,? (?:that|wait|this|it)",
)
HEDGING = _any_of(
    r"\b(?:maybe|perhaps|possible|possibly|probably|likely|unlikely|might|unclear|unless)\b",
    r"\b(?:technically|or so)\b",
    r"\bmay (?:be|have|not)\b",
    r"\bnot (?:sure|certain|clear|specified)\b",
    r"\b(?:seems?|appears? to|assum\w+|presum\w+)\b",
    r"\bi (?:think|guess|wonder|believe)\b",
    r"\bdoes(?:n't| not) (?:specify|say|mention)\b",
    r"\bcould (?:be|have|also|potentially|possibly|overlap)\b",
)
KNOWLEDGE = _any_of(
    r"\b(?:as far as i know|in reality|in real life)\b",
    r"\bi (?:recall|remember)\b",
    r"\b(?:typically|usually|historically|generally|often|normally)\b",
    r"\bis a (?:type|kind|form) of\b",
    r"\bknown (?:for|as|to)\b",
)
