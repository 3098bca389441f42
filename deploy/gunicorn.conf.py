"""How gunicorn runs the API: `gunicorn --config deploy/gunicorn.conf.py dogbreed.wsgi`, from the repository's root.

WEB_CONCURRENCY is the number of worker processes; gunicorn reads it by itself, and so does dogbreed/settings.py.
Leave `--preload` off: the fork that follows it copies none of the threads that OpenVINO has started.
"""

import os
import select
import shutil
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client's processes leave their numbers for each other


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gthread worker that loses no request when it is stopped.

    gunicorn's own keeps its socket open until its last connection is closed, but accepts nothing more: who connects in
    those seconds is reset in the end (gunicorn's issues 2409 and 3397), and a proxy cannot repeat a request then that
    it has sent. This one takes what waits and closes the socket at once, so that a proxy asks another server.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        while self.sockets:
            listener = self.sockets.pop()
            while select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()


# Where it listens
bind = "127.0.0.1:8000"  # a proxy on this machine; --bind says otherwise
control_socket_disable = True  # it would be written to the home folder, and two servers would share it

# Processes and threads
worker_class = Worker
threads = 32  # more than DOGBREED_MAX_PENDING: what is above that is to be refused at once, not to wait for a thread
max_requests = 0  # a worker that is replaced has to load the model again
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a heartbeat on a busy disk looks like a hang

# Patience, in seconds
timeout = 60  # a worker whose main thread has not stirred for so long is killed
graceful_timeout = 30  # what is being answered when a stop is asked for may take so long
keepalive = 75  # longer than nginx keeps a connection, so that it is never closed on a request that is on its way

# Logs: gunicorn's own events go to stderr, and the application writes its own line for each request.
errorlog = "-"
accesslog = None

_made: list[str] = []  # folders of ours, removed at the end


def on_starting(server: Any) -> None:
    """An empty folder for metrics, where several workers have to share their numbers."""
    named = os.environ.get(METRICS, "").strip()
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob("*.db"):  # of processes that are no more
            left_over.unlink()
    elif server.cfg.workers > 1:
        _made.append(tempfile.mkdtemp(prefix="dogbreed-metrics-"))
        os.environ[METRICS] = _made[-1]


def child_exit(server: Any, worker: Any) -> None:
    """Takes a dead worker's gauges out of the metrics; what it has counted stays."""
    if not os.environ.get(METRICS):
        return
    with suppress(ImportError):
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
