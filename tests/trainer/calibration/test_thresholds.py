import numpy as np
import pytest

from dogbreed.answers.shortlists import nonconformity
from trainer.calibration.alternatives import fit_gates, fit_set_methods
from trainer.calibration.look_alikes import estimate_look_alikes, told_apart
from trainer.calibration.thresholds import NEVER, fit_gate, fit_verdict, least_threshold, precision_bound
from trainer.evaluation.measures import (
    auroc,
    calibration_error,
    core_measures,
    macro_f1,
    measured_auroc,
    measured_calibration_error,
    wilson_interval,
)

LABELS = ["beagle", "norfolk_terrier", "norwich_terrier", "samoyed"]


def answers(photos: int, seed: int = 0, confusion: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities `[photos, 4]` and truths; the two terriers may share theirs."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(4, 0.05), photos)
    p[:, 1:3] = (1 - confusion) * p[:, 1:3] + confusion * p[:, 1:3].mean(axis=1, keepdims=True)
    return p, (random.random(photos)[:, None] > p.cumsum(axis=1)).sum(axis=1)


def test_what_is_named_is_right_as_often_as_was_promised_on_other_photos():
    p, targets = answers(600, confusion=0.9)
    thresholds = fit_verdict(p, targets, np.ones(600, bool), LABELS)
    assert thresholds is not None
    assert thresholds.breed < 1
    assert thresholds.group < 1
    p, targets = answers(6000, seed=1, confusion=0.9)
    named = p.max(axis=1) >= thresholds.breed
    assert (p.argmax(axis=1) == targets)[named].mean() >= 0.95
    grouped = ~named & (p[:, 1:3].sum(axis=1) >= thresholds.group)
    assert grouped.sum() > 100
    assert np.isin(targets, [1, 2])[grouped].mean() >= 0.95


def test_a_network_that_guesses_never_names_anything():
    random = np.random.default_rng(0)
    p, targets = random.dirichlet(np.ones(4), 200), random.integers(0, 4, 200)
    assert least_threshold(p.max(axis=1), p.argmax(axis=1) == targets) == NEVER


def test_too_few_photos_give_no_verdicts():
    p, targets = np.eye(4)[np.arange(40) % 4], np.arange(40) % 4
    assert fit_verdict(p, targets, np.ones(40, bool), LABELS) is None
    assert precision_bound(45, 45) > 0.95 > precision_bound(44, 44)


def test_a_gate_lets_nineteen_of_twenty_pass():
    random = np.random.default_rng(0)
    gate = fit_gate("energy", random.normal(size=500))
    assert gate is not None
    assert (random.normal(size=20_000) >= gate.threshold).mean() == pytest.approx(0.95, abs=0.02)
    assert fit_gate("energy", np.zeros(10)) is None


def test_every_method_keeps_its_promise_on_other_photos():
    p, targets = answers(500)
    methods = fit_set_methods(p, targets)
    assert [method.method for method in methods] == ["LAC", "APS", "RAPS", "RAPS", "RAPS"]
    p, targets = answers(5000, seed=1)
    rows = np.arange(len(targets))
    for method in methods:
        scores = 1 - p if method.method == "LAC" else nonconformity(p, method.penalty)
        assert (scores[rows, targets] <= method.threshold).mean() == pytest.approx(0.95, abs=0.02)
    assert fit_set_methods(*answers(10)) == []


def test_every_score_that_the_network_gives_has_a_gate():
    outputs = {"logits": np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)}
    assert [gate.score for gate in fit_gates(outputs)] == ["energy", "max_logit", "max_probability"]


def test_pairs_are_told_apart_by_their_own_two_logits_alone():
    logits = np.array([[2.0, 1, 9], [1, 2, 9], [3, 2, 9], [0, 0, 9]])
    photos, right, _ = told_apart(logits, np.array([0, 1, 1, 2]))
    assert (photos[0, 1], right[0, 1]) == (3, 2)
    assert (photos[1, 2], right[1, 2]) == (3, 1)


def test_an_estimate_of_look_alikes_holds_on_other_photos():
    """From 20 photos of either, estimated for each of many pairs; its interval holds in about 95 %."""
    random = np.random.default_rng(0)
    held = []
    for _ in range(60):
        distance = random.uniform(1, 4)

        def draw(n: int, distance: float = distance) -> tuple[np.ndarray, np.ndarray]:
            targets = random.integers(0, 2, n)
            logits = np.zeros((n, 2))
            logits[:, 1] = distance * (random.normal(size=n) + distance * (targets - 0.5))
            return logits, targets

        pairs = estimate_look_alikes(*draw(20), "made up").pairs
        logits, targets = draw(4000)
        held += [low <= (logits.argmax(axis=1) == targets).mean() <= high for low, high in (p.interval for p in pairs)]
    assert len(held) > 30
    assert np.mean(held) >= 0.85


def test_breeds_that_are_never_confused_are_not_mentioned():
    assert estimate_look_alikes(20 * np.eye(3)[np.arange(30) % 3], np.arange(30) % 3, "made up").pairs == []


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    right = np.arange(100) < 70
    assert calibration_error(np.full(100, 0.9), right) == pytest.approx(0.2)
    assert calibration_error(np.full(100, 0.7), right) == pytest.approx(0.0)


def test_the_area_counts_how_often_the_known_scores_higher():
    assert auroc(np.array([2.0, 3]), np.array([1.0, 0])) == 1
    assert auroc(np.array([1.0, 1]), np.array([1.0, 1])) == 0.5
    assert auroc(np.array([1.0, 3]), np.array([2.0, 0])) == 0.75


def test_macro_f1_counts_breeds_alike_and_leaves_out_those_without_photos():
    targets, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])
    assert macro_f1(predicted, targets) == pytest.approx((6 / 7 + 0) / 2)


@pytest.mark.parametrize("gap", [0.02, 0.05])
def test_the_interval_of_the_calibration_error_contains_the_true_one(gap):
    """Resampling drives the error up: percentiles of the resamples would lie above a small true error."""
    random = np.random.default_rng(0)
    held = []
    for _ in range(20):
        confidence = random.uniform(0.5, 1, 2500)
        right = random.random(2500) < confidence - gap
        low, high = measured_calibration_error(confidence, right).interval
        held.append(low <= gap <= high)
    assert np.mean(held) >= 0.85


def test_a_share_has_wilsons_interval():
    low, high = wilson_interval(2193, 2559)
    assert (round(low, 4), round(high, 4)) == (0.8429, 0.8700)
    assert wilson_interval(10, 10)[1] == pytest.approx(1)
    assert 0.6 < wilson_interval(10, 10)[0] < 0.75


def test_the_area_lies_in_its_interval():
    random = np.random.default_rng(0)
    area = measured_auroc(random.normal(1, 1, 300), random.normal(0, 1, 200))
    assert area.interval[0] < area.value < area.interval[1]
    assert area.interval[0] < 0.7602 < area.interval[1]  # of two normal distributions one apart


def test_every_measure_lies_in_its_interval():
    p, targets = answers(400)
    for name, measured in core_measures(p, targets).items():
        low, high = measured.interval
        assert low < high or name == "top5"  # of four breeds
        assert low <= measured.value <= high or name == "calibration_error"  # which noise drives up
