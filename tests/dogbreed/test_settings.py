import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def setting(name: str, **environment: str) -> str:
    program = f"from dogbreed import settings; print(settings.{name})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.splitlines()[-1]


def test_debug_is_off_unless_asked_for():
    assert setting("DEBUG") == "False"
    assert setting("DEBUG", DOGBREED_DEBUG="yes") == "True"


def test_lists_are_separated_by_commas():
    assert setting("ALLOWED_HOSTS", DOGBREED_ALLOWED_HOSTS="a.example, b.example") == "['a.example', 'b.example']"


def test_a_cache_of_redis_needs_its_client():
    told = setting("CACHES['default']['BACKEND']", DOGBREED_CACHE_URL="redis://127.0.0.1:6379/0")
    if find_spec("redis"):
        assert told == "django.core.cache.backends.redis.RedisCache"
    else:
        assert told.endswith("DOGBREED_CACHE_URL names Redis, but its client is not installed: pip install redis.")


def test_ipv6_addresses_of_the_server_may_be_given_with_or_without_brackets():
    hosts = setting("ALLOWED_HOSTS", DOGBREED_ALLOWED_HOSTS="a.example,fd00:0::5,[::1],10.0.0.1")
    assert hosts == "['a.example', '[fd00::5]', '[::1]', '10.0.0.1']"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DOGBREED_MAX_PIXELS", "many", "DOGBREED_MAX_PIXELS must be a whole number, 1 or more, got 'many'."),
        ("DOGBREED_MAX_UPLOAD_BYTES", "0", "DOGBREED_MAX_UPLOAD_BYTES must be a whole number, 1 or more, got '0'."),
        ("DOGBREED_THROTTLE", "60 a minute", "must be a rate such as 60/min or 1000/day, got '60 a minute'."),
        ("DOGBREED_METRICS_FROM", "10.0.0.0/99", "must list networks such as 10.0.0.0/8, got '10.0.0.0/99'."),
        (
            "DOGBREED_CACHE_URL",
            "memcached://a",
            "must be dbcache://TABLE or redis://HOST:PORT/NUMBER, got 'memcached://a'.",
        ),
        ("DOGBREED_PRECISION", "int4", "must be one of auto, float32, bfloat16, int8, got 'int4'."),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_in_a_sentence(name, value, sentence):
    assert setting("DEBUG", **{name: value}).endswith(sentence)
