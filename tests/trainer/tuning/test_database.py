"""The database of a study, while it cannot be used."""

import threading

import pytest
from sqlalchemy import create_engine, text

from trainer.tuning.claims import Claims, this_worker
from trainer.tuning.database import StudyError, database_url, open_storage


def test_a_database_that_is_away_is_waited_for(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    claims = Claims(create_engine(url, connect_args={"timeout": 0.1}), "study", this_worker())
    taken: list[bool] = []
    waiting = threading.Thread(target=lambda: taken.append(claims.take(3)))
    with create_engine(url).connect() as other:
        other.execute(text("begin exclusive"))
        waiting.start()
        waiting.join(0.5)
        assert not taken
        other.rollback()
        waiting.join()
    assert taken == [True]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("my database", r"is no address of a database. Write postgresql://USER@HOST/NAME"),
        ("mysql://me@host/name", r"kept in PostgreSQL or SQLite, not in mysql"),
    ],
)
def test_what_is_no_address_of_a_database_is_refused(address, says):
    with pytest.raises(StudyError, match=says):
        database_url(address)


def test_a_database_that_is_not_there_is_named_without_its_password():
    with pytest.raises(StudyError, match=r"me:\*\*\*@127.0.0.1:9/studies cannot be used") as error:
        open_storage(database_url("postgresql://me:secret@127.0.0.1:9/studies"))
    assert "secret" not in str(error.value)
