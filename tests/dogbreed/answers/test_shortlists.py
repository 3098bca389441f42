import numpy as np
import pytest

from dogbreed.answers.shortlists import conformal_threshold, nonconformity, shortlist


def test_a_list_is_never_empty_and_begins_with_the_likeliest():
    unsure = np.full(5, 0.2)
    assert shortlist(unsure, penalty=0.05, threshold=-1.0) == [0]
    assert shortlist(np.array([0.1, 0.6, 0.3]), penalty=0.05, threshold=0.7) == [1, 2]


def test_a_sure_answer_stands_alone_and_an_unsure_one_does_not():
    sure, unsure = np.array([0.97, 0.02, 0.01]), np.array([0.5, 0.4, 0.1])
    assert shortlist(sure, 0.05, 0.9) == [0]
    assert shortlist(unsure, 0.05, 0.9) == [0, 1]


def test_the_penalty_keeps_lists_short():
    flat = np.full(100, 0.01)
    assert len(shortlist(flat, 0.0, 0.9)) > 80
    assert len(shortlist(flat, 0.1, 0.9)) < 10


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_new_photos_are_covered_as_often_as_was_promised(coverage):
    """Even for a model whose probabilities are far too high."""
    random = np.random.default_rng(0)
    true = random.dirichlet(np.full(10, 0.3), 6000)
    targets = (random.random(6000)[:, None] > true.cumsum(axis=1)).sum(axis=1)
    claimed = true**2 / (true**2).sum(axis=1, keepdims=True)
    scores = nonconformity(claimed, 0.01)[np.arange(6000), targets]
    threshold = conformal_threshold(scores[:3000], coverage)
    held = [
        target in shortlist(row, 0.01, threshold) for row, target in zip(claimed[3000:], targets[3000:], strict=True)
    ]
    assert np.mean(held) == pytest.approx(coverage, abs=0.025)


def test_too_few_photos_promise_nothing():
    assert conformal_threshold(np.zeros(18), 0.95) == np.inf
    assert conformal_threshold(np.zeros(19), 0.95) == 0
