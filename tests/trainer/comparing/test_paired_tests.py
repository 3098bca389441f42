"""The tests for pairs of answers, against exact or simulated numbers."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import binomtest

from tests.http import ROOT
from trainer.comparing.paired_tests import (
    Discordant,
    holm,
    least_found,
    loses_more_than,
    loss_interval,
    mcnemar,
    resampled_means,
    tarone,
)


def test_mcnemar_is_the_exact_test_with_half_of_what_was_seen():
    for lost, gained in [(12, 3), (3, 12), (5, 5), (1, 0)]:
        exact = binomtest(lost, lost + gained, alternative="greater").pvalue
        seen = binomtest(lost, lost + gained).proportion_estimate
        assert seen == lost / (lost + gained)
        more = binomtest(lost + 1, lost + gained, alternative="greater").pvalue if gained else 0.0
        assert mcnemar(Discordant(lost, gained, 100)) == pytest.approx((exact + more) / 2)


@pytest.mark.parametrize("n", [100, 2000])
def test_a_loss_of_exactly_the_margin_is_reported_in_at_most_5_percent(n):
    random, margin, lost = np.random.default_rng(0), 0.01, 0.03
    drawn = random.multinomial(n, [lost + margin, lost, 1 - 2 * lost - margin], size=4000)
    reported = [loses_more_than(Discordant(int(b), int(c), n), margin) < 0.05 for b, c, _ in drawn]
    assert np.mean(reported) < 0.06


def test_intervals_contain_the_true_loss_and_follow_its_direction():
    random = np.random.default_rng(0)
    drawn = random.multinomial(300, [0.08, 0.03, 0.89], size=500)
    intervals = [loss_interval(Discordant(int(b), int(c), 300)) for b, c, _ in drawn]
    assert np.mean([low <= 0.05 <= high for low, high in intervals]) == pytest.approx(0.95, abs=0.03)
    low, high = loss_interval(Discordant(20, 5, 100))
    assert loss_interval(Discordant(5, 20, 100)) == pytest.approx((-high, -low))
    assert loss_interval(Discordant(0, 0, 50))[1] > 0.05  # nothing seen, but 50 photos cannot exclude 5 points


def test_what_is_said_to_be_found_in_4_of_5_comparisons_is():
    n, margin, level, differing = 1000, 0.005, 0.005, 0.04
    loss = least_found(differing, n, margin, level)
    assert loss is not None
    lost, gained = (differing + loss) / 2, (differing - loss) / 2
    drawn = np.random.default_rng(0).multinomial(n, [lost, gained, 1 - lost - gained], size=1000)
    found = [loses_more_than(Discordant(int(b), int(c), n), margin) < level for b, c, _ in drawn]
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)
    assert least_found(0.0, 5, margin, level) is None


def test_holm_is_bonferroni_for_the_smallest_and_never_reorders():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_tests_that_could_not_report_anything_are_not_paid_for():
    assert tarone([0.01, 0.3], [0.001, 0.005]) == pytest.approx([0.02, 0.6])
    assert tarone([0.01, *[0.5] * 99], [0.001, *[0.25] * 99])[0] == pytest.approx(0.01)


def test_resamples_have_the_error_of_the_mean_and_are_the_same_each_time():
    values = np.random.default_rng(0).normal(size=(400, 1))
    means = resampled_means(values, 2000)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.1)
    assert np.array_equal(means, resampled_means(values, 2000))


def test_comparing_needs_no_pytorch():
    program = (
        "import sys, django; django.setup(); import trainer.management.commands.compare;"
        "sys.exit(bool({'torch', 'timm', 'lightning'} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=False).returncode == 0
