"""`manage.py benchmark stalling`: a real server, for a moment. What is said is checked, not how fast it is."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

pytestmark = pytest.mark.slow


def test_clients_are_answered_while_others_stall(tiny_bundle, tmp_path, capsys):
    out = tmp_path / "stalling.json"
    call_command("benchmark", "stalling", str(tiny_bundle), connections=60, seconds=1, out=out)
    report = json.loads(out.read_text())
    for name in ("with", "without"):
        assert set(report["predictions"][name]["statuses"]) == {"200"}
        assert set(report["health_checks"][name]["statuses"]) == {"200"}
        assert 0 < report["predictions"][name]["p50_ms"] <= report["predictions"][name]["p99_ms"]
    assert "With 60 stalled connections: p50" in capsys.readouterr().out


def test_nothing_is_measured_without_connections(tiny_bundle):
    with pytest.raises(CommandError, match="above zero"):
        call_command("benchmark", "stalling", str(tiny_bundle), connections=0)
