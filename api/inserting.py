"""Inserts rows as Django does, with a statement that is composed once: composing it took a third of the time."""

from collections.abc import Sequence
from functools import cache

from django.db import connection, transaction
from django.db.models import Model


def insert(rows: Sequence[Model]) -> None:
    """Inserts new rows of one model: all of them, in one transaction, or none. No signals are sent."""
    if not rows:
        return
    statement, fields = _statement(type(rows[0])), rows[0]._meta.concrete_fields
    values = [[field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields] for row in rows]
    if len(rows) == 1:
        # Without a transaction of its own, which would send PostgreSQL two statements more.
        with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(statement, values[0])
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, values)
    for row in rows:  # only now: before the transaction ends, nothing is stored
        row._state.adding = False
        row._state.db = connection.alias


@cache
def _statement(model: type[Model]) -> str:
    quoted = connection.ops.quote_name
    columns = [quoted(str(field.column)) for field in model._meta.concrete_fields]
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quoted(model._meta.db_table)} ({', '.join(columns)}) VALUES ({places})"
