"""Initial weights with which two layers copy text and find lines that share words with a question.

An induction head (Olsson et al. 2022) copies: it finds where the last two tokens stood together before, and
predicts the token that followed them. From random weights, a model of this size did not learn this in 26
million tokens. So the initial weights hold it already (mimetic initialisation, Trockman and Kolter 2023),
and training builds on it.

To answer from a line, a model must connect the end of the line with its beginning. Two more heads in the
first layer gather recent words: one over about a clause, one over about a sentence. Two heads in the second
layer attend to places where the gathered words were the same. On a small task (where somebody went), 300
steps gave 75 % right answers with these heads and 45 % without.
"""

import torch
from transformers import LlamaForCausalLM

FAST = 8  # how many of the fastest rotary frequencies tell neighbouring positions apart
SLOW = 14  # the first rotary frequency that hardly turns within a few hundred tokens
SHARP = 7.0  # scale of a look-back head's biases: nearly all its attention is on one token
MATCH = 3.0  # scale of the weights that compare tokens
FOUND = 12.0  # scale of the matching head's output: larger than that of the last token itself
REST = 0.02  # initial scale of all other outputs, which are noise to these heads
RECENT = ((5, 12, 1.5), (7, 13, 1.2))  # per gathering head: a range of rotary frequencies, and its sharpness
GATHERED = 2.5  # scale of a gathering head's output: a mean of many tokens has a small norm
FAR = (5, 11, 8.0)  # the same for a head that matches them, with the sign turned: it attends to distant text
ALIKE = 2.5  # scale of the weights that compare gathered words


@torch.no_grad()
def copying_heads(model: LlamaForCausalLM, seed: int) -> None:
    """Write copying heads into the first two layers of a model, in place.

    In the first layer two heads look one and two tokens back; in the second layer one head matches what they
    saw. A model with four heads or more also gets two heads that gather recent words and two that match them.

    A model is left as it is unless it has two layers, two heads in each, biases in attention, and heads at
    least a quarter as wide as the model.
    """
    config, layers = model.config, model.model.layers
    width, hidden = config.head_dim, config.hidden_size
    if len(layers) < 2 or config.num_attention_heads < 2 or not config.attention_bias or 4 * width < hidden:
        return
    rng = torch.Generator().manual_seed(seed)
    read = _orthonormal(hidden, width, rng).T  # tokens as the look-back heads see them
    written = [_orthonormal(hidden, width, rng) for _ in range(2)]  # the subspaces that they write to
    for layer in layers:
        layer.mlp.down_proj.weight.mul_(REST)
        layer.self_attn.o_proj.weight.mul_(REST)
    norm = hidden**0.5  # length of a vector after RMSNorm
    for head, place in enumerate(written):
        _look_back(layers[0].self_attn, head, head + 1, width)
        part = slice(head * width, (head + 1) * width)
        layers[0].self_attn.v_proj.weight[part] = read
        layers[0].self_attn.o_proj.weight[:, part] = place / norm
    attention, part = layers[1].self_attn, slice(0, width)
    last, before = _slow_dimensions(width)
    query, key = torch.zeros(width, hidden), torch.zeros(width, hidden)
    tokens = [read, written[0].T, written[1].T]  # this token and the two before it, in the residual stream
    for rows, ours, theirs in ((last, tokens[0], tokens[1]), (before, tokens[1], tokens[2])):
        mix = _orthonormal(width, len(rows), rng).T
        query[rows], key[rows] = MATCH * mix @ ours, MATCH * mix @ theirs
    attention.q_proj.weight[part], attention.k_proj.weight[part] = query, key
    found = _orthonormal(hidden, width, rng)
    attention.v_proj.weight[part] = found.T
    attention.o_proj.weight[:, part] = found * (FOUND / norm)
    if config.num_attention_heads >= 4:
        _recent_words(layers, read, norm, rng)


def _recent_words(layers, read: torch.Tensor, norm: float, rng: torch.Generator) -> None:
    """Heads 2 and 3 of the first layer gather recent words; heads 1 and 2 of the second compare them."""
    width, hidden = read.shape
    first, second = layers[0].self_attn, layers[1].self_attn
    rows = [row for part in _slow_dimensions(width) for row in part]
    gathered = []
    for head, window in zip((2, 3), RECENT, strict=True):
        part, place = slice(head * width, (head + 1) * width), _orthonormal(hidden, width, rng)
        for projection in (first.q_proj, first.k_proj):
            projection.weight[part] *= 0.1
            projection.bias[part] = _near(window, width)
        first.v_proj.weight[part] = read
        first.o_proj.weight[:, part] = place * (GATHERED / norm)
        gathered.append(place)
    for head, place in zip((2, 1), gathered, strict=True):
        part, compare = slice(head * width, (head + 1) * width), torch.zeros(width, hidden)
        compare[rows] = ALIKE * _orthonormal(width, len(rows), rng).T @ place.T
        second.q_proj.weight[part] = second.k_proj.weight[part] = compare
        second.q_proj.bias[part], second.k_proj.bias[part] = _near(FAR, width), -_near(FAR, width)


def _near(window: tuple[int, int, float], width: int) -> torch.Tensor:
    """A bias for queries and keys: after the rotary turn, its product with itself falls with distance."""
    first, last, sharpness = window
    bias = torch.zeros(width)
    bias[first:last] = (sharpness * width**0.5) ** 0.5
    return bias


def _orthonormal(rows: int, columns: int, rng: torch.Generator) -> torch.Tensor:
    return torch.linalg.qr(torch.randn(rows, columns, generator=rng))[0]


def _look_back(attention, head: int, distance: int, width: int) -> None:
    """Set biases whose product, after the rotary turn, is greatest `distance` tokens back, for any tokens."""
    half, start = width // 2, head * width
    base = attention.config.rope_parameters["rope_theta"]
    turn = distance * base ** (-torch.arange(FAST) / half)
    attention.q_proj.weight[start : start + width] = 0
    attention.k_proj.weight[start : start + width] = 0
    attention.q_proj.bias[start : start + FAST] = SHARP * turn.cos()
    attention.q_proj.bias[start + half : start + half + FAST] = -SHARP * turn.sin()
    attention.k_proj.bias[start : start + FAST] = SHARP


def _slow_dimensions(width: int) -> tuple[list[int], list[int]]:
    """The dimensions that hardly turn with distance, in two parts: for the last token, for the one before."""
    half = width // 2
    pairs = list(range(min(SLOW, half - 2), half))
    middle = (len(pairs) + 1) // 2
    parts = pairs[:middle], pairs[middle:]
    return tuple([pair + offset for pair in part for offset in (0, half)] for part in parts)
