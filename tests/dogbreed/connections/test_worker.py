"""What the worker cannot do is said at the start. tests/api/test_slow_clients.py asks real ones the rest."""

import pytest
from gunicorn.config import Config
from gunicorn.errors import ConfigError

from dogbreed.connections.worker import Worker


@pytest.mark.parametrize(
    ("name", "value"), [("certfile", "a"), ("proxy_protocol", "auto"), ("http_protocols", "h1,h2")]
)
def test_what_is_a_proxys_work_is_refused(name, value):
    configured = Config()
    configured.set(name, value)
    with pytest.raises(ConfigError, match="A proxy in front"):
        Worker.check_config(configured, None)
