"""The manifests of deploy/kubernetes fit together, and what they say about the API is true of it."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from django.conf import settings

from tests.deploy.stack import DEPLOY

FOLDER = DEPLOY / "kubernetes"
OPTIONAL = {"servicemonitor.yaml", "prometheusrule.yaml"}  # need the Prometheus Operator
MANIFESTS = {
    path.name: list(yaml.safe_load_all(path.read_text()))
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "secret.yaml"
}


def resources(kind: str) -> list[dict[str, Any]]:
    return [document for found in MANIFESTS.values() for document in found if document["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = [document for document in resources(kind) if document["metadata"]["name"] == name]
    return found


def pods() -> dict[str, dict[str, Any]]:
    """The template of every pod, by the name of what makes it."""
    made = {}
    for document in [*resources("Deployment"), *resources("Job"), *resources("CronJob")]:
        spec = document["spec"]
        made[document["metadata"]["name"]] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]
    return made


def selected(selector: dict[str, Any]) -> set[str]:
    """Which pods a label selector finds."""
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    equal = selector.get("matchLabels", {}).items()
    among = selector.get("matchExpressions", [])
    return {
        name
        for name, has in labels.items()
        if equal <= has.items() and all(has.get(each["key"]) in each["values"] for each in among)
    }


def ports_of_the_api() -> set[str]:
    (container,) = pods()["dogbreed-api"]["spec"]["containers"]
    return {port["name"] for port in container["ports"]}


def test_the_kustomization_names_every_file_but_the_secret():
    (kustomization,) = MANIFESTS["kustomization.yaml"]
    assert set(kustomization["resources"]) == set(MANIFESTS) - {"kustomization.yaml", "secret.example.yaml"} - OPTIONAL
    for name in OPTIONAL:
        assert f"  # - {name}" in (FOLDER / "kustomization.yaml").read_text()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubectl_puts_the_manifests_together():
    built = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    documents = list(yaml.safe_load_all(built.stdout))
    files = [name for name in MANIFESTS if name not in {"kustomization.yaml", "secret.example.yaml"} | OPTIONAL]
    assert len(documents) == sum(len(MANIFESTS[name]) for name in files)
    images = set(re.findall(r'"image": "([^"]+)"', json.dumps(documents)))
    (kustomization,) = MANIFESTS["kustomization.yaml"]
    (image,) = kustomization["images"]
    assert images == {f"{image['newName']}:{image['newTag']}"}


@pytest.mark.parametrize("name", sorted(set(MANIFESTS) - {"kustomization.yaml"} - OPTIONAL))
def test_a_manifest_keeps_to_the_schema_of_kubernetes(name):
    validate = pytest.importorskip("kubernetes_validate")
    for document in MANIFESTS[name]:
        validate.validate(document, "1.33", strict=True)


def test_visitors_and_prometheus_reach_the_api_and_nothing_reaches_a_job():
    (service,) = resources("Service")
    assert selected({"matchLabels": service["spec"]["selector"]}) == {"dogbreed-api"}
    reached = named("NetworkPolicy", "dogbreed-api")["spec"]
    assert selected(reached["podSelector"]) == {"dogbreed-api"}
    (rule,) = reached["ingress"]
    assert {port["port"] for port in rule["ports"]} == ports_of_the_api()
    closed = named("NetworkPolicy", "dogbreed-jobs")["spec"]
    assert selected(closed["podSelector"]) == set(pods()) - {"dogbreed-api"}
    assert closed["policyTypes"] == ["Ingress"]
    assert "ingress" not in closed


def test_every_pod_reaches_the_database_and_name_servers_alone():
    policy = named("NetworkPolicy", "dogbreed-egress")["spec"]
    assert selected(policy["podSelector"]) == set(pods())
    assert policy["policyTypes"] == ["Egress"]
    ports = {(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]}
    assert ports == {("UDP", 53), ("TCP", 53), ("TCP", 5432)}


def test_the_ingress_lets_through_what_the_api_takes():
    (ingress,) = resources("Ingress")
    megabytes = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert megabytes.endswith("m")
    assert int(megabytes[:-1]) * 2**20 > settings.DOGBREED_MAX_UPLOAD_BYTES
    assert f"client_max_body_size {megabytes};" in (DEPLOY / "nginx" / "dogbreed.conf.template").read_text()
    assert ingress["spec"]["ingressClassName"] == "nginx"
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    backend = path["backend"]["service"]
    (port,) = named("Service", backend["name"])["spec"]["ports"]
    assert port["name"] == backend["port"]["name"]
    assert port["targetPort"] in ports_of_the_api()


def test_prometheus_finds_the_service_and_asks_for_its_metrics(client):
    (monitor,) = resources("ServiceMonitor")
    (service,) = resources("Service")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    annotations = pods()["dogbreed-api"]["metadata"]["annotations"]
    assert endpoint["path"] == annotations["prometheus.io/path"]
    assert b"dogbreed_predictions_total" in client.get(endpoint["path"]).content
