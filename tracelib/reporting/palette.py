"""One colour for each condition, dataset and model, the same in every figure.

The colours are seaborn's *colorblind* palette, which readers with any common colour blindness can tell
apart. Markers or labels say the same as the colours, for readers who see none.
"""

from collections.abc import Iterable, Mapping
from itertools import cycle

import seaborn as sns

from tracelib.datasets import registry

BLUE, ORANGE, GREEN, VERMILION, PURPLE, BROWN, PINK, GREY, YELLOW, SKY = sns.color_palette("colorblind")

# Conditions: right ones are blue, wrong ones warm, those without content grey, a teacher's texts cool.
CONDITIONS = {
    "correct": BLUE,
    "incorrect": VERMILION,
    "both-wrong": ORANGE,
    "wrong-facts": PURPLE,
    "wrong-category": BROWN,
    "random-fact": GREEN,
    "swapped": PINK,
    "shuffled": PINK,
    "vanilla": GREY,
    "vanilla-tagged": GREY,
    "filler": GREY,
    "r1": SKY,
    "summary": GREEN,
    "explanation": PURPLE,
}
DOSES = {f"dose-{share}": VERMILION for share in (10, 25, 50, 75)}
ALIASES = {  # other names of conditions: of the release's R1 family, of styles, of texts
    "r1-traces": "r1",
    "summarized-r1-traces": "summary",
    "r1-explanations": "explanation",
    "r1-set-custom-traces": "correct",
    "r1-set-incorrect-traces": "incorrect",
    "r1-set-vanilla": "vanilla",
    "r1-set-swapped": "swapped",
    "simulated-r1": "r1",
    "simulated-summary": "summary",
    "simulated-explanation": "explanation",
    "R1's trace": "r1",
    "summary of R1's trace": "summary",
    "R1's explanation": "explanation",
    "rule-made, correct": "correct",
    "rule-made, incorrect": "incorrect",
}
OF_CONDITIONS = CONDITIONS | DOSES | {name: CONDITIONS[condition] for name, condition in ALIASES.items()}
OF_DATASETS = dict(zip(registry.NAMES, cycle((BLUE, ORANGE, GREEN)), strict=False))
OF_MODELS = {
    "Llama-3.2-1B-Instruct": SKY,
    "Llama-3.1-8B-Instruct": BLUE,
    "Qwen3-1.7B": ORANGE,
    "Qwen3-8B": VERMILION,
    "SmolLM2-135M": GREEN,
}


def colours(names: Iterable[str]) -> list[tuple[float, float, float]]:
    """A colour per name: their own, if all are conditions or all are models, else one after the other."""
    names = list(names)
    for own in (OF_CONDITIONS, OF_MODELS):
        if names and set(names) <= set(own):
            return [own[name] for name in names]
    return sns.color_palette("colorblind", len(names))


def of_lines(names: Iterable[str], otherwise: tuple) -> Mapping[str, tuple[float, float, float]]:
    """A colour per line of a figure: the conditions' own, or else the same for all."""
    names = list(names)
    return {name: OF_CONDITIONS[name] if set(names) <= set(OF_CONDITIONS) else otherwise for name in names}
