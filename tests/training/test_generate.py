"""Generation: a text does not depend on its batch, greedy or drawn, and it ends where it should."""

import collections

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast
from transformers.cache_utils import DynamicLayer

from tests.training.test_sft import RECIPE
from tracelib.training import generate as generation
from tracelib.training.generate import generate
from tracelib.training.sft import adapted, chat_prompt

COUNT = 11


@pytest.fixture(scope="module")
def prompts(pairs):
    return [prompt[: 40 + 29 * (number * 5 % COUNT)] for number, prompt in enumerate(pairs[0][:COUNT])]


@pytest.fixture(scope="module")
def model(tiny):
    return tiny(3)


def by_hand(model, tokenizer, prompt: str, most: int, ending: int | None = None) -> str:
    """Greedy decoding without a cache."""
    ids = chat_prompt(tokenizer, prompt)
    start = len(ids)
    with torch.inference_mode():
        while len(ids) - start < most:
            token = int(model(torch.tensor([ids])).logits[0, -1].argmax())
            if token in (tokenizer.eos_token_id, ending):
                break
            ids.append(token)
    return tokenizer.decode(ids[start:], skip_special_tokens=True)


def common_token(model, tokenizer, prompts) -> int:
    """A token that the model writes early in some texts and not in others. It can serve as end token."""
    firsts = collections.Counter()
    for prompt in prompts:
        text = by_hand(model, tokenizer, prompt, 12)
        firsts.update(set(tokenizer(text, add_special_tokens=False)["input_ids"]))
    return next(token for token, count in firsts.most_common() if 2 <= count < len(prompts) - 1)


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_batched_texts_equal_those_of_single_prompts_without_a_cache(model, tiny, prompts, batch_size):
    texts, unread, _ = generate(model, tiny.tokenizer, prompts, 10, batch_size)
    assert texts == [by_hand(model, tiny.tokenizer, prompt, 10) for prompt in prompts]
    assert unread == []
    assert len(set(texts)) > 1


def test_texts_that_end_at_different_times_do_not_change_each_other(tiny, prompts):
    model = tiny(3)
    ending = common_token(model, tiny.tokenizer, prompts)
    alone = [by_hand(model, tiny.tokenizer, prompt, 30, ending) for prompt in prompts]
    model.generation_config.eos_token_id = [tiny.tokenizer.eos_token_id, ending]
    texts, _, unfinished = generate(model, tiny.tokenizer, prompts, 30, 100)
    assert texts == alone
    assert len({len(text) for text in texts}) > 3
    longer = [by_hand(model, tiny.tokenizer, prompt, 40, ending) for prompt in prompts]
    assert unfinished == [i for i in range(COUNT) if longer[i] != alone[i]]
    assert 0 < len(unfinished) < COUNT


def test_rows_that_have_ended_cost_nothing(tiny, prompts, monkeypatch):
    model = tiny(3)
    rows = []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda **kw: (rows.append(len(kw["input_ids"])), forward(**kw))[1])
    ending = common_token(tiny(3), tiny.tokenizer, prompts)
    model.generation_config.eos_token_id = [ending]
    generate(model, tiny.tokenizer, prompts, 30, 100)
    assert rows[0] == COUNT
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] < COUNT


def test_draws_depend_only_on_seed_and_number(model, tiny, prompts):
    def drawn(batch_size, seed):
        return generate(model, tiny.tokenizer, prompts, 8, batch_size, temperature=1.0, seed=seed)[0]

    assert drawn(2, 1) == drawn(100, 1)
    assert drawn(2, 1) != drawn(2, 2)
    assert drawn(2, 1) != generate(model, tiny.tokenizer, prompts, 8, 2)[0]
    cold = generate(model, tiny.tokenizer, prompts, 8, 4, temperature=1e-6)[0]
    assert cold == generate(model, tiny.tokenizer, prompts, 8, 4)[0]


def test_drawn_tokens_have_the_probabilities_of_the_model():
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.7]]))
    counts = collections.Counter(
        generation._drawn(logits.repeat(1000, 1), [(n + 0.5) / 1000 for n in range(1000)])
    )
    assert [counts[token] for token in range(3)] == pytest.approx([100, 200, 700], abs=1)
    assert generation._drawn(logits, [0.0]) == [0]
    assert generation._drawn(logits, [1.0 - 1e-16]) == [2]


def test_a_text_continues_its_start(model, tiny, prompts):
    for start in ("So: ", "<think>", "a b c"):
        said = [*chat_prompt(tiny.tokenizer, prompts[0]), *tiny.tokenizer(start)["input_ids"]]
        written = generation._decode(
            model, tiny.tokenizer, [said], [7], lambda logits, _: logits.argmax(-1).tolist()
        )
        (rest,), *_ = generate(model, tiny.tokenizer, prompts[:1], 7, 1, starts=[start])
        assert rest == tiny.tokenizer.decode(written[0], skip_special_tokens=True)
    starts = [f"{number} " * (number + 1) for number in range(COUNT)]
    together, *_ = generate(model, tiny.tokenizer, prompts, 7, 4, starts=starts)
    alone = [
        generate(model, tiny.tokenizer, [p], 7, 1, starts=[s])[0][0]
        for p, s in zip(prompts, starts, strict=True)
    ]
    assert together == alone
    assert together != generate(model, tiny.tokenizer, prompts, 7, 4)[0]
    with pytest.raises(ValueError, match="shorter"):
        generate(model, tiny.tokenizer, prompts, 12, 1, starts=["a"])


def test_a_start_ends_at_a_token_boundary_of_the_targets():
    """In targets, the end of the tag and the start of the list are one token, which must not be split."""
    bpe = Tokenizer(BPE())
    bpe.decoder = Fuse()
    bpe.train_from_iterator([">['"] * 9, BpeTrainer(show_progress=False, initial_alphabet=[*"<answer>['b]"]))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe)
    ids, again = generation._begun(tokenizer, "<answer>")
    assert (tokenizer.decode(ids), again) == ("<answer", ">")
    assert tokenizer("<answer>['ab']")["input_ids"][: len(ids)] == ids
    assert tokenizer("<answer>")["input_ids"] != ids


def test_the_bundled_base_keeps_all_tokens_of_a_start(tiny):
    start = "<think>The facts: ['Ann sat.']</think> <answer>"
    ids, again = generation._begun(tiny.tokenizer, start)
    assert (tiny.tokenizer.decode(ids), again) == (start, "")


def test_a_prompt_that_fills_the_context_is_named_and_not_cut(model, tiny, prompts):
    texts, unread, _ = generate(model, tiny.tokenizer, [prompts[0], "long " * 3000, prompts[1]], 5, 2)
    assert unread == [1]
    assert texts[1] == ""
    assert [texts[0], texts[2]] == generate(model, tiny.tokenizer, prompts[:2], 5, 2)[0]


def test_a_text_ends_where_the_context_does(model, tiny):
    context = tiny.tokenizer.model_max_length
    used = len(chat_prompt(tiny.tokenizer, "x" * 10)) - 10
    prompt = "x" * (context - used - 4)
    room = context - len(chat_prompt(tiny.tokenizer, prompt))
    texts, unread, _ = generate(model, tiny.tokenizer, [prompt], 100, 1)
    assert unread == []
    assert room < 10
    assert texts == generate(model, tiny.tokenizer, [prompt], room, 1)[0]


def test_the_benchmarks_peer_gives_the_same_texts(model, tiny, prompts):
    """The peer is transformers' own generate, one prompt at a time."""
    for prompt in prompts[:3]:
        ids = torch.tensor([chat_prompt(tiny.tokenizer, prompt)])
        written = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=10, do_sample=False,
            pad_token_id=tiny.tokenizer.pad_token_id,
        )  # fmt: skip
        text = tiny.tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
        assert [text] == generate(model, tiny.tokenizer, [prompt], 10, 1)[0]


def test_the_last_rows_that_go_on_fill_the_gaps():
    assert generation._close_up([True, True, True]) == [0, 1, 2]
    assert generation._close_up([False, True, False, True, True]) == [3, 1, 4]
    assert generation._close_up([True, False, False]) == [0]
    assert generation._close_up([False, False]) == []


def test_reserved_memory_holds_what_a_growing_cache_holds():
    """With random tokens added and rows removed, it equals transformers' cache, which copies everything."""
    torch.manual_seed(0)
    ours, theirs, rows = generation.Reserved(40), DynamicLayer(), 7
    memory = None
    while rows:
        new = [torch.randn(rows, 2, 1 + rows % 3, 4) for _ in range(2)]
        found, expected = ours.update(*new), theirs.update(*new)
        memory = memory or ours.reserved[0].data_ptr()
        assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))
        assert ours.get_seq_length() == theirs.get_seq_length()
        kept = generation._close_up((torch.rand(rows) < 0.6).tolist())
        for layer in (ours, theirs):
            layer.batch_select_indices(torch.tensor(kept, dtype=torch.long))
        rows = len(kept)
    assert ours.reserved[0].data_ptr() == memory


@pytest.mark.parametrize("batch_size", [2, 5, 100])
def test_a_prompt_with_several_starts_is_read_once_and_the_texts_stay_the_same(
    model, tiny, prompts, batch_size, monkeypatch
):
    """The starts have many lengths; one is empty. Each text equals decoding without cache and sharing."""
    some = prompts[:4]
    starts = ["", "So: ", "<think>", "a b c " * 7, "What follows? "]
    asked = [prompt for start in starts for prompt in some]
    begun = [start for start in starts for _ in some]
    tokens = []
    forward = model.forward
    monkeypatch.setattr(
        model, "forward", lambda **kw: (tokens.append(int(kw["input_ids"].numel())), forward(**kw))[1]
    )
    texts, *_ = generate(model, tiny.tokenizer, asked, 8, batch_size, starts=begun)
    monkeypatch.undo()
    alone = [
        generate(model, tiny.tokenizer, [prompt], 8, 1, starts=[start]).texts[0]
        for prompt, start in zip(asked, begun, strict=True)
    ]
    assert texts == alone
    assert texts[: len(some)] == [by_hand(model, tiny.tokenizer, prompt, 8) for prompt in some]
    assert len(set(texts)) > len(some)
    lengths = [len(chat_prompt(tiny.tokenizer, prompt)) for prompt in asked]
    assert sum(tokens) < sum(lengths)


def test_draws_after_a_shared_prompt_depend_only_on_seed_and_number(model, tiny, prompts):
    asked, begun = [prompts[0]] * 6, ["", "a", "b c", "d", "e f g", "h"]

    def drawn(batch_size):
        return generate(
            model, tiny.tokenizer, asked, 8, batch_size, starts=begun, temperature=1.0, seed=1
        ).texts

    assert drawn(2) == drawn(6)


def test_the_output_layer_reads_one_block_of_memory(model, tiny, prompts):
    """For a slice, torch would copy the layer's weights for each row."""
    seen = []
    head = model.get_output_embeddings()
    hook = head.register_forward_hook(lambda _, hidden, __: seen.append(hidden[0].is_contiguous()))
    generate(model, tiny.tokenizer, prompts, 3, 100)
    hook.remove()
    assert seen == [True] * len(seen)
    assert len(seen) == 3
    assert not head._forward_pre_hooks


def test_adapters_beside_bf16_weights_are_multiplied_in_bf16_and_stay_in_fp32(tiny, prompts):
    """Beside fp32 weights, their products are in fp32."""
    for precision in (torch.float32, torch.bfloat16):
        model = adapted(tiny(3).to(precision), RECIPE)
        layer = model.get_base_model().model.layers[0].self_attn.q_proj
        seen = []
        layer.lora_B["default"].register_forward_hook(lambda *given, seen=seen: seen.append(given[2].dtype))
        generate(model, tiny.tokenizer, prompts[:2], 3, 2)
        assert set(seen) == {precision}
        assert layer.lora_B["default"].weight.dtype == torch.float32
        assert layer.cast_input_dtype_enabled
