import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.stack import Postgres, postgresql_programs
from tests.http import manage

PROGRAMS = postgresql_programs()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL: apt-get install postgresql"),
        ),
    ]
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes that use a database with tables, of each kind that a server may have."""
    with ExitStack() as afterwards:
        environment = {"DOGBREED_VAR": str(tmp_path)}
        if request.param == "postgresql":
            assert PROGRAMS is not None
            server = Postgres(PROGRAMS, Path(afterwards.enter_context(tempfile.TemporaryDirectory())))
            server.start()
            afterwards.callback(server.stop)
            environment["DATABASE_URL"] = server.url
        manage("migrate", "--verbosity", "0", **environment)
        yield environment
