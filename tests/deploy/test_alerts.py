"""The alerting rules for Prometheus: what raises an alert, and that they ask for metrics which the API has."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.stack import DEPLOY
from tests.http import upload

RULES = DEPLOY / "prometheus" / "alerts.yml"
CASES = Path(__file__).parent / "alerts"
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool: apt-get install prometheus"
)


@needs_promtool
@pytest.mark.parametrize("case", ["service", "weeks"])
def test_what_raises_an_alert_and_what_does_not(case):
    done = subprocess.run(["promtool", "test", "rules", str(CASES / f"{case}.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("served_trusted")
def test_every_metric_that_a_rule_asks_for_is_there(client):
    answer = upload(client).json()
    client.post(f"/api/predictions/{answer['id']}/feedback", {"right": True}, content_type="application/json")
    shown = client.get("/metrics").content.decode()
    named = set(re.findall(r"\bdogbreed_[a-z_]+\b", RULES.read_text()))
    assert len(named) > 5
    assert {name for name in named if not re.search(rf"^{name}\b", shown, re.MULTILINE)} == set()


def test_every_alert_says_what_to_do():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts)
    assert all(set(rule["annotations"]) == {"summary", "runbook"} and rule["labels"]["severity"] for rule in alerts)


def test_kubernetes_has_the_same_rules():
    kubernetes = yaml.safe_load((DEPLOY / "kubernetes" / "prometheusrule.yaml").read_text())
    assert kubernetes["spec"]["groups"] == yaml.safe_load(RULES.read_text())["groups"]
