from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api import checks  # noqa: F401 - importing it registers the checks

        pre_migrate.connect(lift_time_limit, sender=self)


def lift_time_limit(using: str, **kwargs: Any) -> None:
    """Lifts the limit that the server's statements have in PostgreSQL: a large table takes longer to change."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
