"""Prometheus metrics. Several worker processes share a folder for them: see deploy/gunicorn.conf.py."""

from functools import cache
from typing import Any

from django.dispatch import receiver
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dogbreed.connections.refusals import photos_refused

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

STAGES = Histogram("dogbreed_prediction_seconds", "Time spent on a prediction.", ["stage"], buckets=SECONDS)
OUTCOMES = Counter("dogbreed_predictions", "Requested predictions, by outcome.", ["outcome"])
STORED = Counter("dogbreed_predictions_stored", "Answers, by whether they were stored.", ["outcome"])
TRIAL = Counter(
    "dogbreed_trial_answers",
    "Photos that a model on trial and the served model answered, by whether they said the same.",
    ["breed", "verdict"],
)
VERDICTS = Counter("dogbreed_verdicts", "Answers, by kind of verdict; `none`: without one.", ["kind"])
UNFAMILIAR = Counter("dogbreed_unfamiliar_dogs", "Answers to dogs of breeds that the model may not know.")
UNSURE = Counter("dogbreed_unsure_answers", "Answers with a probability below 0.5.")
FEEDBACK = Counter(
    "dogbreed_feedback",
    "Answers that a visitor judged, by kind of verdict and by the first judgement.",
    ["kind", "judged"],
)
PENDING = Gauge("dogbreed_predictions_pending", "Predictions that run or wait.", multiprocess_mode="livesum")


def observe_stage(stage: str, seconds: float) -> None:
    _stage(stage).observe(seconds)


def count_verdict(kind: str, is_unfamiliar: bool, probability: float) -> None:
    _verdicts(kind).inc()
    if is_unfamiliar:
        UNFAMILIAR.inc()
    if probability < 0.5:
        UNSURE.inc()


@receiver(photos_refused)
def count_refused(code: str, **kwargs: Any) -> None:
    """Counts a request that never reached a view, as the views count theirs."""
    OUTCOMES.labels(code).inc()


@cache
def _verdicts(kind: str) -> Counter:
    return VERDICTS.labels(kind)


@cache
def _stage(stage: str) -> Histogram:
    return STAGES.labels(stage)  # which checks and locks anew every time


def exposition(shared: str) -> bytes:
    """All metrics in Prometheus's text format, summed over the worker processes if `shared` names their folder."""
    if not shared:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=shared)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
