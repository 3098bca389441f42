"""What the page computes in private mode is what the server computes: both are checked with the same examples."""

import json
from typing import Any

import pytest

from tests.private_examples import FILE, examples


def test_the_examples_are_what_the_server_computes():
    computed = json.loads(json.dumps(examples()))
    _assert_same(json.loads(FILE.read_text(encoding="utf-8")), computed, "examples")


def _assert_same(committed: Any, computed: Any, where: str) -> None:
    """The last digits of exp and log may differ between machines."""
    advice = f"{where}: run python -m tests.private_examples"
    if isinstance(committed, float) and isinstance(computed, float):
        assert computed == pytest.approx(committed, abs=1e-6), advice
    elif isinstance(committed, dict):
        assert list(committed) == list(computed), advice
        for key, value in committed.items():
            _assert_same(value, computed[key], f"{where}.{key}")
    elif isinstance(committed, list):
        assert len(committed) == len(computed), advice
        for index, value in enumerate(committed):
            _assert_same(value, computed[index], f"{where}[{index}]")
    else:
        assert committed == computed, advice
