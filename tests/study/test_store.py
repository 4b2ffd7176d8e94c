import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import OperationalError

from tests.study.conftest import SMALL
from tracelib.core.errors import InputError
from tracelib.study import materials, store


def opened(url, study):
    return store.create(url, study, lambda: materials.draw(study))


def test_slots_are_taken_in_order_and_without_gaps(either):
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: either.begin(f"code{number}", None), range(40)))
    assert [person.slot for person in either.participants()] == list(range(40))


def test_a_participant_is_found_by_code_and_by_id(either):
    first = either.begin("a", "X1")
    assert either.begin("a", "X1") == first
    assert either.begin("b", "X1") == first  # the same id in another browser
    assert either.find("b") is None
    assert len(either.participants()) == 1


def test_the_same_consent_twice_at_once_is_one_participant_and_one_slot(either):
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: either.begin("a", "X1"), range(16)))
    assert {person.slot for person in found} == {0}
    assert either.begin("b", None).slot == 1


def test_of_submissions_at_once_one_is_stored(either):
    either.begin("a", None)
    start = threading.Barrier(12)

    def submit(value: int) -> bool:
        start.wait()
        return either.submit("a", "rating-1", {"effort": value}, 0.0, last=False)

    with ThreadPoolExecutor(12) as pool:
        stored = list(pool.map(submit, range(12)))
    assert stored.count(True) == 1
    (answer,) = either.answers()
    assert answer.values == {"effort": stored.index(True)}


def test_the_last_page_ends_the_study_in_the_same_transaction(either):
    either.begin("a", None)
    assert either.submit("a", "comment", {}, 0.0, last=True)
    assert either.find("a").finished == either.answers()[0].stored


def test_who_has_withdrawn_leaves_no_answers_and_gives_none(either):
    either.begin("a", None)
    either.submit("a", "rating-1", {"effort": 1}, 0.0, last=False)
    either.withdraw("a")
    assert not either.submit("a", "rating-2", {"effort": 1}, 0.0, last=False)
    assert either.answers() == []
    assert either.begin("b", None).slot == 1  # the slot stays taken


def test_a_reopened_database_has_the_same_materials_and_secret(either, small):
    def never():
        raise AssertionError("materials are drawn once")

    again = store.create(either.engine.url.render_as_string(hide_password=False), small, never)
    assert again.materials == either.materials
    assert again.secret == either.secret
    assert again.study == small
    again.close()


def test_a_participant_is_forgotten_with_all_answers_and_no_other(either):
    for code, external in (("a", "X1"), ("b", "X2")):
        either.begin(code, external)
        either.submit(code, "comment", {}, 0.0, last=True)
    assert either.forget("X1")
    assert not either.forget("X1")
    assert [answer.code for answer in either.answers()] == ["b"]
    assert [(person.external, person.withdrawn) for person in either.participants()] == [
        (None, True), ("X2", False),
    ]  # fmt: skip


def test_ids_are_forgotten_without_answers(either):
    either.begin("a", "X1")
    either.begin("b", None)
    either.submit("a", "comment", {}, 0.0, last=True)
    assert [either.forget_ids(), either.forget_ids()] == [1, 0]
    assert [person.external for person in either.participants()] == [None, None]
    assert len(either.answers()) == 1


def test_a_changed_study_is_refused_with_what_has_changed(kept, load):
    changed = load(SMALL.replace("pages: 4", "pages: 2").replace("Ada", "Eve"))
    with pytest.raises(InputError, match=r"another version of this study \(changed: contact, ratings\)"):
        opened(str(kept.engine.url), changed)


def test_a_full_disk_refuses_a_page_whole_and_keeps_all_before_it(kept):
    kept.begin("a", None)
    kept.submit("a", "rating-1", {"effort": 1}, 0.0, last=False)
    with kept.engine.connect() as connection:  # the connection of the pool that is used next
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(OperationalError, match="database or disk is full"):
        kept.submit("a", "comment", {"comment": "x" * 100_000}, 0.0, last=True)
    assert [answer.page for answer in kept.answers()] == ["rating-1"]
    assert kept.find("a").finished is None
    with kept.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1000}")
    assert kept.submit("a", "comment", {"comment": "x" * 100_000}, 0.0, last=True)


def test_commits_are_synced_and_nobody_else_may_read_the_file(kept):
    with kept.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # full
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
    assert Path(kept.engine.url.database).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("://", "no address of a database"),
        ("oracle://x", "a database of the kind oracle, expected sqlite or postgresql"),
        ("mysql://a:secret@b/c", "a database of the kind mysql, expected sqlite or postgresql"),
        ("sqlite://", "in memory is lost at the end"),
        ("sqlite:////nowhere/at/all.sqlite", "No such file"),
        ("postgresql://ada:secret@127.0.0.1:1/study", "the database cannot be used: "),
    ],
)
def test_databases_that_cannot_be_used_are_named_without_their_password(small, url, said):
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        opened(url, small)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such database"):
        store.existing(f"sqlite:///{tmp_path}/absent.sqlite")
    (tmp_path / "text.sqlite").write_text("not a database, but a text that is long enough to be one " * 100)
    with pytest.raises(InputError, match="file is not a database"):
        store.existing(f"sqlite:///{tmp_path}/text.sqlite")
    engine = sql.create_engine(f"sqlite:///{tmp_path}/other.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
    engine.dispose()
    with pytest.raises(InputError, match="no study in this database"):
        store.existing(f"sqlite:///{tmp_path}/other.sqlite")
