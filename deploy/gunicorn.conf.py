"""How gunicorn runs the API: `gunicorn --config deploy/gunicorn.conf.py dogbreed.wsgi`, from the repository's root.

gunicorn and dogbreed/settings.py both read WEB_CONCURRENCY, the number of worker processes.
Leave `--preload` off: a fork copies none of the threads that OpenVINO has started.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # gunicorn adds the current folder only later
from dogbreed.connections.worker import Worker

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which processes share their metrics (prometheus_client)


# Listening
bind = "127.0.0.1:8000"  # for a proxy on this machine; --bind changes it
forwarder_headers = ""  # nobody sets SCRIPT_NAME, PATH_INFO or REMOTE_USER by a header
secure_scheme_headers: dict[str, str] = {}  # DOGBREED_HTTPS says whether X-Forwarded-Proto counts
control_socket_disable = True  # it would be in the home folder, where two servers would share it

# Processes and threads
worker_class = Worker
threads = 32  # more than DOGBREED_MAX_PENDING. Photos for which none is free are refused at once
worker_connections = 512  # more than these, and those that have waited longest are closed; each takes a file descriptor
max_requests = 0  # never: a new worker has to load the model again
# A slow heartbeat on a busy disk would look like a hang.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# Timeouts in seconds
timeout = 60  # a worker whose main thread gives no sign for this long is killed
graceful_timeout = 30  # for requests in flight when the server is stopped
keepalive = 75  # longer than nginx keeps a connection, so that it is never closed while a request arrives

# Logs: gunicorn writes its events to stderr; the application writes a line for each request.
errorlog = "-"
accesslog = None

_made: list[str] = []  # temporary folders, removed at exit


def on_starting(server: Any) -> None:
    """Makes an empty folder for metrics where several workers share them."""
    named = os.environ.get(METRICS, "").strip()
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob("*.db"):  # of earlier processes
            left_over.unlink()
    elif server.cfg.workers > 1:
        _made.append(tempfile.mkdtemp(prefix="dogbreed-metrics-"))
        os.environ[METRICS] = _made[-1]


def child_exit(server: Any, worker: Any) -> None:
    """Removes a dead worker's gauges from the metrics. Its counters stay."""
    if not os.environ.get(METRICS):
        return
    with suppress(ImportError):
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
