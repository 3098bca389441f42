"""nginx, two instances of the API and PostgreSQL, set up as `deploy/` says."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.deploy.stack import Nginx, Postgres, postgresql_programs
from tests.http import Answer, Gunicorn, manage, send_photo, wait_until

CLIENTS = 8


@dataclass
class Stack:
    nginx: Nginx
    instances: list[Gunicorn]
    database: Postgres
    static: Path

    def predict(self) -> Answer:
        return send_photo(self.nginx.port)

    def predict_often(self, times: int) -> list[Answer]:
        with ThreadPoolExecutor(CLIENTS) as clients:
            return list(clients.map(lambda _: self.predict(), range(times)))

    @contextmanager
    def without(self, *instances: Gunicorn) -> Iterator[None]:
        for instance in instances:
            instance.stop()
        try:
            yield
        finally:
            for instance in instances:
                instance.start()
            for instance in instances:
                instance.wait()
                wait_until(partial(self.nginx.uses, instance), "nginx has found the instance again")


@pytest.fixture(scope="module")
def stack(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    programs = postgresql_programs()
    assert programs is not None
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as afterwards:
        database = Postgres(programs, Path(afterwards.enter_context(tempfile.TemporaryDirectory())))
        database.start()
        afterwards.callback(lambda: database.stop() if database.running() else None)
        environment = {
            "DATABASE_URL": database.url,
            "DJANGO_SECRET_KEY": "only for this test",
            "DOGBREED_BUNDLE": str(tiny_bundle),
            "DOGBREED_PROXIES": "1",
            "DOGBREED_VAR": str(folder / "var"),
            "OMP_NUM_THREADS": "1",
        }
        manage("migrate", "--verbosity", "0", **environment)
        manage("collectstatic", "--noinput", "--verbosity", "0", **environment)
        static = folder / "var" / "static"
        instances = [
            Gunicorn(folder / "one-worker.log", environment),
            Gunicorn(folder / "two-workers.log", environment | {"WEB_CONCURRENCY": "2"}),
        ]
        for instance in instances:
            afterwards.callback(instance.stop)
            instance.start()
        nginx = Nginx(folder / "nginx", instances, static)
        afterwards.callback(nginx.stop)
        nginx.start()
        for instance in instances:
            instance.wait()
        nginx.wait()
        yield Stack(nginx, instances, database, static)
