import errno
import sqlite3
from dataclasses import replace

import pytest

from tests.teacher.replies import reply
from tracelib.core.errors import InputError
from tracelib.teacher import asking, outcome, plan, store
from tracelib.teacher.outcome import Outcome
from tracelib.teacher.settings import Teacher, Tokens

TEACHER = Teacher("http://127.0.0.1:9/v1", "m")
USAGE = {"prompt_tokens": 7, "completion_tokens": 5}


def replied(content="x", **more):
    return outcome.of_reply(reply(content, usage=USAGE, **more).encode())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.db"


def test_what_came_is_there_after_the_store_is_opened_again(path, problem):
    request = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        kept.begin(replace(TEACHER, url="http://127.0.0.1:8/v1"))
        kept.begin(TEACHER)  # the same model at another place
        number = kept.sending(request, problem, "test", Tokens(900, 100))
        kept.came(number, request, Outcome("server error", 500, "oh"))
        number = kept.sending(request, problem, "test", Tokens(900, 100))
        kept.came(number, request, replied("said"))
    with store.reading(path) as kept:
        assert kept.servers() == [TEACHER.url]
        assert kept.finished() == {request.key}
        assert "said" in kept.reply(request.key)
        assert kept.problems() == {problem.content: ("test", problem)}
        assert kept.causes() == {"trace": {"server error": 1, "replied": 1}}
        assert kept.unanswered() == {}
        assert kept.spent()["trace"] == (Tokens(7, 5), Tokens())  # an error is not paid for
        assert kept.average("trace") == Tokens(7, 5)
        assert kept.average("summary") is None
        assert kept.recipes() == {kind: TEACHER.recipe(kind) for kind in TEACHER.kinds}


def test_what_was_in_flight_counts_as_perhaps_paid_and_is_sent_again(path, problem):
    request = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        kept.sending(request, problem, "test", Tokens(900, 100))
        assert kept.spent()["trace"] == (Tokens(), Tokens(900, 100))
        assert kept.unanswered() == {"trace": {"": 1}}
        assert request.key not in kept.finished()


def test_rows_are_only_added(path, problem):
    request = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        kept.begin(TEACHER)
        kept.came(kept.sending(request, problem, "test", Tokens(1, 1)), request, replied())
        second = kept.sending(request, problem, "test", Tokens(1, 1))
        with pytest.raises(sqlite3.IntegrityError):
            kept.came(second, request, replied())
    database = sqlite3.connect(path)
    for table in store.TABLES:
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                database.execute(change)
    database.close()


def test_a_plan_has_what_is_missing_and_no_problem_twice(path, problem):
    again = replace(problem, id="other")  # the same prompt
    other = replace(problem, question="Who is it?")
    work = [("a", problem), ("b", again), ("b", other)]
    assert [each.missing for each in plan.plan(TEACHER, work).todo] == [TEACHER.kinds] * 2
    trace = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        right = replied("<answer>['Gamma', 'Delta']</answer>", reasoning_content="They overlap.")
        kept.came(kept.sending(trace, problem, "a", Tokens(1, 1)), trace, right)
        summary = asking.summary(TEACHER, trace.key, "They overlap.")
        kept.came(kept.sending(summary, problem, "a", Tokens(1, 1)), summary, replied())
        wrong = asking.trace(TEACHER, other)
        kept.came(kept.sending(wrong, other, "b", Tokens(1, 1)), wrong, replied("<answer>Beta</answer>"))
        found = plan.plan(TEACHER, work, kept)
        assert found.todo == [("a", problem, ("explanation",))]
        assert found.finished == {"trace": 2, "summary": 1}
        assert plan.plan(replace(TEACHER, kinds=("trace",)), work, kept).todo == []


def test_another_recipe_needs_another_store(path):
    with store.writing(path) as kept:
        kept.begin(replace(TEACHER, kinds=("trace",)))
        kept.begin(TEACHER)  # more kinds may be asked for later
        kept.begin(replace(TEACHER, kinds=("trace",), summary_model="s"))
        with pytest.raises(InputError, match="summary texts have model 'm', not 's'"):
            kept.begin(replace(TEACHER, summary_model="s"))


def test_a_store_of_another_version_is_refused(path):
    with store.writing(path):
        pass
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(InputError, match="no store of version 1"), store.reading(path):
        pass


def test_an_empty_file_becomes_a_store_only_when_it_is_filled(path):
    path.touch()
    with pytest.raises(InputError, match="no store of version 1"), store.reading(path):
        pass
    assert path.stat().st_size == 0
    with store.writing(path) as kept:
        kept.begin(TEACHER)


def fill_up(path, problem):
    """Write to a store that may have few pages until there is no room."""
    request = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        kept._database.execute("PRAGMA max_page_count = 40")
        for _ in range(10_000):
            number = kept.sending(request, problem, "a", Tokens(1, 1))
            kept.came(number, request, Outcome("server error", 500))


def test_a_full_disk_is_an_error_of_the_system(path, problem):
    with pytest.raises(OSError, match="No space left") as error:
        fill_up(path, problem)
    assert error.value.errno == errno.ENOSPC
    with store.reading(path) as kept:
        assert kept.causes()["trace"]["server error"] > 10  # what was written stays


def test_a_reader_does_not_wait_for_the_writer(path, problem):
    request = asking.trace(TEACHER, problem)
    with store.writing(path) as kept:
        kept.sending(request, problem, "test", Tokens(1, 1))
        with store.reading(path) as other:
            assert other.causes() == {"trace": {"": 1}}
            with pytest.raises(sqlite3.OperationalError):
                other.begin(TEACHER)
