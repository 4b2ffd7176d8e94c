import json

from tests.cli.conftest import run
from tracelib.bench import audit as bench_audit
from tracelib.bench import natural as bench_natural
from tracelib.bench import smollm2 as bench_smollm2
from tracelib.bench import teacher as bench_teacher
from tracelib.bench import training as bench_training


def test_bench_prints_what_was_measured(capsys, monkeypatch):
    asked = []
    ratios = {"sft_vs_trl": 2.5, "sft_vs_trl_packing": 0.9, "sft_vs_release": 5.0, "sft_tokens_per_s": 9000}
    answers = {"generation_vs_single": 12.0, "generation_vs_single_long": 3.9}
    answers |= {"generation_per_s": 12.0, "generation_per_s_long": 3.9}
    peers = {f"{name}_peer": 1000 for name in ratios | answers if "_vs_" in name}
    measured = ratios | answers | peers
    monkeypatch.setattr(bench_training, "run", lambda quick: asked.append(quick) or measured)
    audited = {"audit_s": 1.5, "verify_per_s": 20, "not_measured": "x"}
    monkeypatch.setattr(bench_audit, "run", lambda quick: asked.append(quick) or audited)
    monkeypatch.setattr(bench_natural, "run", lambda quick: {"natural_verify_per_s": 250})
    real = {"smollm2_tokens_per_s": 300, "smollm2_vs_trl_peer": 100, "smollm2_vs_trl": 3.0}
    monkeypatch.setattr(bench_smollm2, "run", lambda: asked.append("real") or real)
    monkeypatch.setattr(bench_teacher, "run", lambda quick: {"teacher_ms_per_request": 1.25})
    table, _, figures = run(capsys, "bench")[1].partition("\n\n")
    assert [line.split()[-5:] for line in table.splitlines()] == [
        ["ours", "peer", "ratio", "aim", "met"],
        ["9,000.0", "1,000.0", "2.50", "2", "yes"],
        ["9,000.0", "1,000.0", "0.90", "1", "no"],
        ["9,000.0", "1,000.0", "5.00", "5", "yes"],
        ["12.0", "1,000.0", "12.00", "10", "yes"],
        ["3.9", "1,000.0", "3.90", "4", "no"],
        ["300.0", "100.0", "3.00", "2", "yes"],
    ]
    assert [line.split() for line in figures.splitlines()][:4] == [
        ["audit_s", "1.50"], ["verify_per_s", "20"], ["not_measured", "x"], ["natural_verify_per_s", "250"],
    ]  # fmt: skip
    assert json.loads(run(capsys, "bench", "--json", "--quick")[1])["verify_per_s"] == 20
    assert asked == [False, False, "real", True, True]  # --quick leaves the real model out
