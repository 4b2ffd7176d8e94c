"""Runs against a server that fails in every way: nothing is lost, and nothing is paid twice."""

import json
import logging
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.cli.conftest import run
from tests.teacher.conftest import COUNT
from tests.teacher.fault_server import THOUGHT, USAGE, FaultServer
from tracelib.cli import teacher_run
from tracelib.teacher import asking, collection, pace, store
from tracelib.teacher.report import report
from tracelib.teacher.server import LONGEST_ERROR, Key
from tracelib.teacher.settings import KINDS

PASSING = [  # faults after which a request is sent again, and the cause that the store has of each
    (["429"], "rate limit"),
    (["429 retry-after: 0.1"], "rate limit"),
    (["429 retry-after-ms: 50"], "rate limit"),
    (["429 retry-after: Thu, 01 Jan 1970 00:00:00 GMT"], "rate limit"),
    (["500"], "server error"),
    (["503", "502", "500", "408"], "server error"),
    (["closed"], "connection cut"),
    (["cut"], "connection cut"),
    (["drip"], "time-out"),
]
UNREADABLE = [  # faults of a reply that came: it is not asked for again
    ("malformed", "not JSON"),
    ("doubled", "not JSON"),
    ("no choices", "no choices"),
    ("schema", "wrong schema"),
    ("list", "wrong schema"),
    ("empty", "empty reply"),
    ("large", "too large"),
]


def ask(capsys, server, path, *more):
    """Run ``teacher run`` on the twin; its status, output and errors."""
    where = ("--url", server.url, "--model", "m", "--count", COUNT, "--timeout", 1)
    return run(capsys, "teacher", "run", "cotempqa-twin", path, *where, *more)


def counts(path):
    with store.reading(path) as kept:
        return report(kept)


def test_every_fault_at_once_loses_nothing_and_pays_nothing_twice(capsys, server, asked, tmp_path):
    """Nine problems have faults that pass, seven replies cannot be read, four are well."""
    path = tmp_path / "s.db"
    passing = dict(zip(asked, PASSING, strict=False))
    unreadable = dict(zip(asked[len(PASSING) :], UNREADABLE, strict=False))
    for problem, (faults, _) in passing.items():
        server.faults[problem] = list(faults)
    for problem, (fault, _) in unreadable.items():
        server.faults[problem] = [fault]
    status, out, err = ask(capsys, server, path)
    assert (status, err) == (0, "")

    found = counts(path)
    well = COUNT - len(UNREADABLE)
    assert found.requests["trace"] == {
        "kept": well, "empty reply": 1, "no choices": 1, "wrong schema": 2, "not JSON": 2, "too large": 1,
    }  # fmt: skip
    assert found.requests["summary"] == found.requests["explanation"] == {"kept": well}
    failed = Counter(cause for faults, cause in PASSING for _ in faults)
    failed.update(cause for _, cause in UNREADABLE)
    assert found.attempts["trace"] == failed + Counter({"replied": well})
    assert found.sent_again == sum(len(faults) for faults, _ in PASSING)

    # Where a reply began and was cut, the server has generated it a second time. All else was generated once.
    twice = {problem for problem, (faults, _) in passing.items() if faults[0] in ("cut", "drip")}
    assert {key: n for key, n in server.paid.items() if n > 1} == {("trace", each): 2 for each in twice}
    kinds = Counter(kind for _, kind, _ in server.asked)
    assert kinds == {"trace": failed.total() + well, "summary": well, "explanation": well}
    assert f"trace: {COUNT}" in out

    before = len(server.asked)
    assert ask(capsys, server, path)[0] == 0
    assert len(server.asked) == before

    assert ask(capsys, server, path, "--again")[0] == 0
    once_more = [problem for _, kind, problem in server.asked[before:] if kind == "trace"]
    assert Counter(once_more) == Counter(list(unreadable))
    assert counts(path).requests["trace"] == {"kept": COUNT}


def test_every_odd_text_is_counted_by_its_cause(capsys, server, asked, tmp_path):
    """Nothing goes on from these replies, and what they hold reaches no terminal."""
    path, prompt = tmp_path / "s.db", asking.prompt(asked[7])  # of the problem that is answered with it
    odd = {
        "wrong answer": {"content": "<answer>['Nobody']</answer>"},
        "no answer": {"content": ""},
        "no trace": {"reasoning_content": None},
        "refusal": {"content": "I'm sorry, but I can't help with that."},
        "cut": {"content": "", "finish_reason": "length"},
        "marks in the text": {"reasoning_content": "It is so.</think><answer>x</answer>"},
        "HTML": {"reasoning_content": "<script>alert(1)</script>\x1b[31m It is so."},
        "prompt echoed": {"reasoning_content": prompt},
        "another language": {"reasoning_content": "\u5b83\u662f\u8fd9\u6837\u7684\u3002" * 50},
        "too long": {"reasoning_content": "word " * 100_000},
    }
    server.answers.update(zip(asked, odd.values(), strict=False))
    status, out, err = ask(capsys, server, path)
    assert (status, err) == (0, "")
    assert counts(path).requests["trace"] == {"kept": COUNT - len(odd)} | dict.fromkeys(odd, 1)
    assert Counter(kind for _, kind, _ in server.asked)["summary"] == COUNT - len(odd)
    assert "<script>" not in out
    assert "\x1b" not in out


def test_a_terminal_shows_what_is_done_of_what_is_left(capsys, server, asked, tmp_path, monkeypatch):
    """A wrong answer spares its summary and its explanation, so 58 of 60 requests are sent."""
    server.answers[asked[0]] = {"content": "<answer>['Nobody']</answer>"}
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    _, _, err = ask(capsys, server, tmp_path / "s.db")
    assert "0/60" in err
    assert "100%" in err.split("\r")[-1]
    assert "58/58" in err.split("\r")[-1]


def test_of_two_choices_the_first_counts(capsys, server, asked, tmp_path):
    path = tmp_path / "s.db"
    server.faults[asked[0]] = ["two choices"]
    ask(capsys, server, path, "--kinds", "trace")
    assert counts(path).requests["trace"] == {"kept": COUNT}


def test_a_run_may_go_on_at_another_address_and_an_estimate_needs_none(capsys, server, asked, tmp_path):
    path = tmp_path / "s.db"
    ask(capsys, server, path, "--kinds", "trace")
    command = ("teacher", "run", "cotempqa-twin", path, "--model", "m", "--count", COUNT, "--kinds")
    out = run(capsys, *command, "trace,summary", "--dry-run")[1]
    assert out.splitlines()[1].split()[:4] == ["trace", "m", "20", "0"]
    assert out.splitlines()[2].split()[:4] == ["summary", "m", "0", "20"]
    assert "spent so far: 3,000 tokens at most" in out
    with FaultServer(asked) as moved:
        moved.traces = server.traces
        assert ask(capsys, moved, path, "--kinds", "trace,summary")[0] == 0
        assert {kind for _, kind, _ in moved.asked} == {"summary"}
        with store.reading(path) as kept:
            assert kept.servers() == [server.url, moved.url]


def test_another_model_summarises(capsys, server, tmp_path):
    path = tmp_path / "s.db"
    assert ask(capsys, server, path, "--summary-model", "small")[0] == 0
    with store.reading(path) as kept:
        bodies = {kind: {json.loads(each.request)["model"] for each in kept.replies(kind)} for kind in KINDS}
        warm = {json.loads(each.request)["temperature"] for each in kept.replies("summary")}
    assert bodies == {"trace": {"m"}, "summary": {"small"}, "explanation": {"m"}}
    assert warm == {0.0}


def test_what_was_counted_and_what_was_perhaps_paid(capsys, server, asked, tmp_path):
    """A cut reply, one that drips and one without a count may each have been paid for in full."""
    path = tmp_path / "s.db"
    for problem, fault in zip(asked, ("500", "closed", "cut", "drip", "no usage"), strict=False):
        server.faults[problem] = [fault]
    ask(capsys, server, path, "--kinds", "trace", "--max-tokens", 300)
    spent = counts(path).spent["trace"]
    assert spent.counted.total == (COUNT - 1) * USAGE["total_tokens"]
    assert spent.perhaps.completion == 4 * 300


def test_a_reply_has_as_many_requests_under_way_as_allowed(capsys, server, tmp_path):
    server.delay = 0.02
    ask(capsys, server, tmp_path / "s.db", "--at-once", 3, "--kinds", "trace")
    assert server.most_at_once == 3


def test_all_wait_when_the_server_asks_for_a_pause(capsys, server, asked, tmp_path):
    for problem in asked[:4]:
        server.faults[problem] = ["429 retry-after: 0.4"]
    ask(capsys, server, tmp_path / "s.db", "--at-once", 4, "--kinds", "trace")
    moments = [moment for moment, _, _ in server.asked]
    assert len(moments) == COUNT + 4
    assert moments[4] - moments[3] > 0.35


def test_back_off_doubles_and_is_bounded():
    class Half:
        @staticmethod
        def random() -> float:
            return 1.0

    assert [pace.back_off(n, Half) for n in (1, 2, 3, 4, 20)] == [1, 2, 4, 8, 60]
    Half.random = staticmethod(lambda: 0.0)
    assert [pace.back_off(n, Half) for n in (1, 2, 20)] == [0.5, 1, 30]


def test_a_request_is_given_up_after_six_attempts_and_sent_in_the_next_run(capsys, server, asked, tmp_path):
    path = tmp_path / "s.db"
    server.faults[asked[0]] = ["500"] * 6
    assert ask(capsys, server, path, "--kinds", "trace")[0] == 0
    assert counts(path).requests["trace"] == {"kept": COUNT - 1, "server error": 1}
    assert ask(capsys, server, path, "--kinds", "trace")[0] == 0
    assert counts(path).requests["trace"] == {"kept": COUNT}
    assert counts(path).attempts["trace"] == {"replied": COUNT, "server error": 6}


@pytest.mark.parametrize("fault", ["cut", "drip"])
def test_what_may_have_been_paid_for_is_sent_twice_in_a_run_and_no_more(
    capsys, server, asked, tmp_path, fault
):
    path = tmp_path / "s.db"
    server.faults[asked[0]] = ["500", fault, "500", fault, fault]
    assert ask(capsys, server, path, "--kinds", "trace")[0] == 0
    assert server.paid["trace", asked[0]] == 2
    assert counts(path).requests["trace"]["kept"] == COUNT - 1
    assert ask(capsys, server, path, "--kinds", "trace")[0] == 0
    assert counts(path).requests["trace"] == {"kept": COUNT}
    assert server.paid["trace", asked[0]] == 4


def test_a_refused_request_is_one_cause_and_the_others_go_on(capsys, server, asked, tmp_path):
    server.faults[asked[3]] = ["400"]
    status, out, _ = ask(capsys, server, tmp_path / "s.db", "--kinds", "trace")
    assert status == 0
    assert "1  the server refuses the request" in out
    assert 'the server\'s last reason: {"error": {"message": "wrong, your key is Bearer none"' in out
    assert "19  kept" in out


@pytest.mark.parametrize("denial", ["401", "402", "403", "404"])
def test_denied_access_ends_the_run_with_the_servers_words(capsys, server, asked, tmp_path, denial):
    for problem in asked:
        server.faults[problem] = [denial]
    status, _, err = ask(capsys, server, tmp_path / "s.db", "--at-once", 2)
    assert status == 2
    assert f"the server denies access (status {denial})" in err
    assert "wrong, your key is" in err
    assert err.count("\n") == 1
    assert len(server.asked) <= 2


def test_a_server_that_asks_for_too_long_a_pause_is_left_alone(capsys, server, asked, tmp_path):
    server.faults[asked[0]] = ["429 retry-after: 3600"]
    status, _, err = ask(capsys, server, tmp_path / "s.db", "--at-once", 1)
    assert status == 0
    assert "not all is there: the server asks to wait 3,600 seconds; run the same command later" in err
    assert len(server.asked) == 1


def test_a_server_that_is_down_for_good_ends_the_run(capsys, server, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(collection, "STREAK", 3)
    for problem in asked[5:]:
        server.faults[problem] = ["503"] * 6
    status, _, err = ask(capsys, server, tmp_path / "s.db", "--kinds", "trace", "--at-once", 1)
    assert status == 2
    assert "3 requests in a row came to nothing, the last by 'server error'" in err
    assert len(server.asked) == 5 + 3 * 6


def test_no_server_is_one_line_at_once(capsys, asked, tmp_path):
    with FaultServer(asked) as gone:
        pass
    start = time.monotonic()
    status, _, err = ask(capsys, gone, tmp_path / "s.db")
    assert (status, err) == (2, f"tracelib: error: no server answers at {gone.url}\n")
    assert time.monotonic() - start < 5


# --- The budget -------------------------------------------------------------------------------


def test_a_budget_of_tokens_is_never_exceeded_and_used_as_far_as_possible(capsys, server, tmp_path):
    """Each reply counts 150 tokens. The next request must fit with its longest reply of 300 tokens."""
    path = tmp_path / "s.db"
    more = ("--kinds", "trace", "--max-tokens", 300, "--budget-tokens", 3000)
    status, _, err = ask(capsys, server, path, *more)
    assert status == 0
    assert "not all is there: the budget has no room for another request" in err
    spent = counts(path).spent["trace"].counted.total
    assert spent == 150 * len(server.asked)
    longest = 300 + 1500  # no prompt of these problems has so many bytes
    assert 3000 - longest < spent <= 3000
    ask(capsys, server, path, *more)
    assert 150 * len(server.asked) == counts(path).spent["trace"].counted.total <= 3000  # in all runs
    assert ask(capsys, server, path, *more[:-1], 30_000)[0] == 0
    assert counts(path).requests["trace"] == {"kept": COUNT}


def test_a_budget_in_dollars(capsys, server, tmp_path):
    """A reply of 100 + 50 tokens costs 100 * 10 + 50 * 40 millionths: 0.003 dollars."""
    path = tmp_path / "s.db"
    price = ("--price", 10, 40, "--max-tokens", 100, "--kinds", "trace")
    status, out, err = ask(capsys, server, path, *price, "--budget-dollars", 0.04)
    assert status == 0
    assert "no room" in err
    asked = len(server.asked)
    assert 0.01 < asked * 0.003 <= 0.04
    assert f"cost: at most {asked * 0.003:.2f} dollars" in out


def test_a_run_elsewhere_needs_a_budget_and_a_budget_in_dollars_a_price(capsys, tmp_path):
    away = (
        "teacher",
        "run",
        "babi-twin",
        tmp_path / "s.db",
        "--url",
        "https://teacher.example/v1",
        "--model",
        "m",
    )
    status, _, err = run(capsys, *away)
    assert status == 2
    assert "give --budget-tokens or --budget-dollars; --dry-run shows" in err
    status, _, err = run(capsys, *away, "--budget-dollars", 1)
    assert status == 2
    assert "needs the price of a million tokens" in err
    assert not (tmp_path / "s.db").exists()


# --- Killed -----------------------------------------------------------------------------------


def test_a_kill_loses_at_most_what_was_in_flight(server, asked, tmp_path):
    path, at_once = tmp_path / "s.db", 4
    server.delay = 0.1
    command = [sys.executable, "-m", "tracelib", "teacher", "run", "cotempqa-twin", str(path)]
    command += ["--url", server.url, "--model", "m", "--count", str(COUNT), "--at-once", str(at_once)]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while server.paid.total() < 15:
        time.sleep(0.01)
        assert killed.poll() is None
    killed.kill()
    killed.wait()
    sent = server.paid.total()
    with store.reading(path) as kept:
        there = kept.causes()
        replies = sum(counter["replied"] for counter in there.values())
        open_attempts = sum(counter[""] for counter in there.values())
        perhaps = sum(spent.perhaps.total > 0 for spent in kept.spent().values())
    assert sent - at_once <= replies <= sent
    assert 0 < open_attempts <= at_once
    assert perhaps  # what was in flight may have been paid for
    server.delay = 0
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert counts(path).requests == {kind: {"kept": COUNT} for kind in ("trace", "summary", "explanation")}
    assert server.paid.total() <= 3 * COUNT + at_once
    again = Counter({key: n - 1 for key, n in server.paid.items() if n > 1})
    assert again.total() <= open_attempts


@pytest.mark.nightly
def test_many_kills_at_any_moment_lose_at_most_what_was_in_flight(asked, tmp_path):
    """Each run is killed after a random time; the last one is left alone."""
    path, at_once, rng = tmp_path / "s.db", 6, random.Random(1)
    with FaultServer(asked, delay=0.15) as server:
        command = [sys.executable, "-m", "tracelib", "teacher", "run", "cotempqa-twin", str(path)]
        command += ["--url", server.url, "--model", "m", "--count", str(COUNT), "--at-once", str(at_once)]
        kills = 0
        while server.paid.total() < 3 * COUNT - 2 * at_once:
            begun = server.paid.total()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            while server.paid.total() == begun and process.poll() is None:
                time.sleep(0.01)
            time.sleep(rng.random() / 2)
            process.kill()
            process.wait()
            kills += 1
        assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
        found = counts(path)
        assert found.requests == {kind: {"kept": COUNT} for kind in KINDS}
        lost = sum(counter[""] for counter in found.attempts.values())
        assert kills > 2
        assert server.paid.total() - 3 * COUNT <= lost <= kills * at_once


def test_an_interrupted_run_is_one_line(capsys, server, tmp_path, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(collection.Collection, "run", interrupted)
    status, _, err = ask(capsys, server, tmp_path / "s.db")
    assert status == 130
    assert "run the same command to go on" in err


def test_only_one_process_fills_a_store(capsys, server, tmp_path):
    path = tmp_path / "s.db"
    with store.writing(path):
        status, _, err = ask(capsys, server, path)
    assert status == 2
    assert "another process fills this store" in err
    assert not server.asked


# --- The key ----------------------------------------------------------------------------------

SECRET = "sk-Zeppelin-4711"


def test_the_key_reaches_the_server_and_nothing_else(capsys, server, asked, tmp_path, monkeypatch, caplog):
    """The server repeats the key in an error and in a text; a log at the most talkative level stays clean."""
    path = tmp_path / "s.db"
    monkeypatch.setenv("MY_KEY", SECRET)
    server.faults[asked[0]] = ["500"]
    server.faults[asked[1]] = ["400"]
    server.answers[asked[2]] = {"reasoning_content": f"{THOUGHT} the key {SECRET} is mine"}
    caplog.set_level(logging.DEBUG)
    status, out, err = ask(capsys, server, path, "--key", "MY_KEY", "--kinds", "trace")
    assert status == 0
    assert server.keys == {f"Bearer {SECRET}"}
    ask(capsys, server, path, "--key", "MY_KEY", "--kinds", "trace")
    said = [*capsys.readouterr(), out, err, caplog.text]
    exported = tmp_path / "out"
    assert run(capsys, "teacher", "export", path, exported)[0] == 0
    said += [json.dumps(run(capsys, "teacher", "status", path, "--json"))]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.suffix == ".parquet" for file in files)
    for text in said:
        assert SECRET.lower() not in text.lower()
    for file in files:
        assert SECRET.lower().encode() not in file.read_bytes().lower()
    with store.reading(path) as kept:
        assert any("[key]" in reply.text for reply in kept.replies("trace"))
    assert os.environ["MY_KEY"] == SECRET


def test_openais_key_goes_to_no_other_server(capsys, server, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    assert ask(capsys, server, tmp_path / "s.db", "--kinds", "trace")[0] == 0
    assert server.keys == {"Bearer none"}


@pytest.mark.parametrize("value", [None, "", "  ", "two words", "sk-\x1b[31m", "clé"])
def test_a_variable_without_a_key_is_bad_input(capsys, server, tmp_path, monkeypatch, value):
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    status, _, err = ask(capsys, server, tmp_path / "s.db", "--key", "MY_KEY")
    assert status == 2
    assert "no key: expected the name of an environment variable" in err
    assert value is None or not value.strip() or value not in err


def test_a_key_in_place_of_its_variable_is_not_repeated(capsys, server, tmp_path):
    status, _, err = ask(capsys, server, tmp_path / "s.db", "--key", SECRET)
    assert status == 2
    assert SECRET not in err


def test_a_key_at_the_end_of_a_long_error_is_hidden_before_the_error_is_cut():
    text = "x" * (LONGEST_ERROR - 5) + SECRET
    assert "sk-" not in Key(SECRET).hidden(text)[:LONGEST_ERROR]


# --- Other bad input --------------------------------------------------------------------------


def test_no_endpoint_is_bad_input_but_an_estimate_needs_none(capsys, tmp_path):
    command = ("teacher", "run", "babi-twin", tmp_path / "s.db", "--model", "m", "--count", 10)
    status, _, err = run(capsys, *command)
    assert status == 2
    assert "no server is named: give --url" in err
    assert run(capsys, *command, "--dry-run")[0] == 0
    assert not (tmp_path / "s.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "127.0.0.1:8000",
            "ftp://host/v1",
            "http://",
            "http://a b/v1",
            "http://[::1",
            "http://x\x1b[31m",
        ),
        *("http://me:secret@host/v1", "https://host/v1?key=secret", "https://host/v1#secret"),
    ],
)
def test_an_address_that_is_no_base_url_is_bad_input_and_is_not_repeated(capsys, tmp_path, url):
    status, _, err = run(
        capsys, "teacher", "run", "babi-twin", tmp_path / "s.db", "--model", "m", "--url", url
    )
    assert status == 2
    assert err.count("\n") == 1
    assert "secret" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kinds", "summary"), "expected trace, and after it"),
        (("--kinds", "trace,trace"), "expected trace, and after it"),
        (("--metric", "exactly"), "metric 'exactly', expected one of"),
        (("--temperature", "3"), "expected a number from 0 to 2"),
        (("--price", "-1", "2"), "expected dollars per million tokens"),
        (("--price", "nan", "2"), "expected dollars per million tokens"),
        (("--summary-price", "1", "2"), "needs a summary model"),
        (("--model", " "), "has no name"),
    ],
)
def test_wrong_settings_are_one_line(capsys, tmp_path, arguments, message):
    command = (
        "teacher",
        "run",
        "babi-twin",
        tmp_path / "s.db",
        "--url",
        "http://127.0.0.1:9/v1",
        "--model",
        "m",
    )
    status, _, err = run(capsys, *command, *arguments)
    assert status == 2
    assert message in err
    assert not (tmp_path / "s.db").exists()


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "much"])
def test_a_limit_that_is_no_number_above_0_is_refused(capsys, value):
    with pytest.raises(SystemExit):
        run(capsys, "teacher", "run", "babi-twin", "s.db", "--model", "m", "--timeout", value)
    assert "expected a number above 0" in capsys.readouterr().err


def test_a_store_of_another_teacher_or_another_file_is_bad_input(capsys, server, tmp_path):
    path = tmp_path / "s.db"
    ask(capsys, server, path, "--kinds", "trace")
    before = len(server.asked)
    for more, found in (
        (("--model", "other"), "model 'm', not 'other'"),
        (("--max-tokens", 99), "max_tokens 8192, not 99"),
        (("--metric", "strict"), "metric '', not 'strict'"),
    ):
        status, _, err = ask(capsys, server, path, *more)
        assert status == 2
        assert f"the store's trace texts have {found}" in err
    assert len(server.asked) == before
    text, other = tmp_path / "text.db", tmp_path / "other.db"
    text.write_text("no database, and long enough to be read as the head of one " * 20)
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    for wrong in (text, other, tmp_path):
        for command in (("status",), ("export",)):
            status, _, err = run(
                capsys, "teacher", *command, wrong, *([tmp_path / "o"] * (command == ("export",)))
            )
            assert status == 2, (wrong, command)
            assert err.count("\n") == 1
        status, _, err = ask(capsys, server, wrong)
        assert status == 2
    assert run(capsys, "teacher", "status", tmp_path / "none.db")[0] == 2
    assert not (tmp_path / "none.db").exists()
    assert teacher_run.positive_number("0.5") == 0.5
