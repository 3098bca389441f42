import numpy as np
import pytest

from dogbreed.answers.breeds import catalogue
from dogbreed.answers.calibration import Kind
from dogbreed.answers.naming import GROUP_NOUNS, PROMISED, group_members, name_breeds
from dogbreed.answers.shortlists import nonconformity
from trainer.calibration.alternatives import fit_gates, fit_set_methods
from trainer.calibration.look_alikes import estimate_look_alikes, told_apart
from trainer.calibration.thresholds import NEVER, SeenPhotos, fit_gate, fit_verdict, least_threshold, lower_bound
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


def seen(p: np.ndarray, targets: np.ndarray, **changes: np.ndarray) -> SeenPhotos:
    """Answers to photos of one source in one view, which pass all gates."""
    rows, zeros = len(targets), np.zeros(len(targets), np.int64)
    fields = {"known": np.ones(rows), "passes": np.ones(rows, bool), "view": zeros, "source": zeros, **changes}
    return SeenPhotos(p, targets, **fields)


def test_every_kind_of_verdict_is_right_as_often_as_was_promised_on_other_photos():
    breeds = sorted(breed for breed, entry in catalogue().items() if entry.group in GROUP_NOUNS)[::8]

    def hard_answers(photos: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(seed)
        p = random.dirichlet(np.full(len(breeds), 0.05), photos)
        return p, (random.random(photos)[:, None] > p.cumsum(axis=1)).sum(axis=1)

    thresholds = fit_verdict(seen(*hard_answers(1500, 0)), breeds)
    assert thresholds is not None
    members = group_members(breeds)
    right: dict[Kind, list[bool]] = {}
    for row, target in zip(*hard_answers(6000, 1), strict=True):
        naming = name_breeds(row, 1.0, thresholds, breeds)
        in_group = naming.group is not None and int(target) in members[naming.group]
        right.setdefault(naming.kind, []).append(in_group if naming.kind == "group" else int(target) in naming.breeds)
    assert {"breed", "probably", "one_of"} <= set(right)
    for kind, rows in right.items():
        assert kind == "uncertain" or np.mean(rows) >= PROMISED[kind], kind
        assert kind == "uncertain" or thresholds.measured[kind].photos > 0


def test_two_breeds_that_share_a_probability_are_named_together_and_not_as_their_group():
    thresholds = fit_verdict(seen(*answers(600, confusion=0.9)), LABELS)
    assert thresholds is not None
    naming = name_breeds(np.array([0.0, 0.5, 0.5, 0.0]), 1.0, thresholds, LABELS)
    assert (naming.kind, naming.breeds) == ("one_of", [1, 2])


def test_a_breed_is_named_only_if_its_promise_holds_on_the_photos_of_each_source():
    p, targets = answers(1000)
    source = np.arange(1000) % 2
    easy = fit_verdict(seen(p, targets), LABELS)
    random = np.random.default_rng(1)
    wrong = (source == 1) & (random.random(1000) < 0.08)  # the second source is harder
    harder = np.where(wrong, random.integers(0, 4, 1000), targets)
    strict = fit_verdict(seen(p, harder, source=source), LABELS)
    assert easy is not None
    assert strict is not None
    assert strict.breed > easy.breed
    named = (p.max(axis=1) >= strict.breed) & (source == 1)
    assert strict.breed == NEVER or (p.argmax(axis=1) == harder)[named].mean() >= 0.95


def test_two_views_of_a_photo_count_as_one_photo():
    p, targets = answers(80)
    p = np.eye(4)[targets]
    views = {"view": np.repeat([0, 1], 40), "source": np.zeros(80, np.int64)}
    assert fit_verdict(seen(p, targets), LABELS) is not None
    assert fit_verdict(seen(p, targets, **views), LABELS) is None  # 40 photos are too few for a promise


def test_a_network_that_guesses_never_names_anything():
    random = np.random.default_rng(0)
    p, targets = random.dirichlet(np.ones(4), 200), random.integers(0, 4, 200)
    assert least_threshold(p.max(axis=1), p.argmax(axis=1) == targets, 0.95) == NEVER


def test_too_few_photos_give_no_verdicts():
    p, targets = np.eye(4)[np.arange(40) % 4], np.arange(40) % 4
    assert fit_verdict(seen(p, targets), LABELS) is None
    assert lower_bound(45, 45) > 0.95 > lower_bound(44, 44)


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
