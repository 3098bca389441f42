import pytest
import torch

from trainer.calibration.calibrate import fit_temperature


@pytest.fixture(scope="module")
def calibrated():
    """Logits whose softmax is exactly how often each class is right."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(20_000, 10, generator=generator) * 2
    targets = torch.multinomial(logits.softmax(dim=1), 1, generator=generator).squeeze(1)
    return logits, targets


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_logits_that_were_scaled_get_the_temperature_that_undoes_it(calibrated, factor):
    logits, targets = calibrated
    assert fit_temperature(logits * factor, targets) == pytest.approx(factor, rel=0.03)


def test_a_network_that_is_never_wrong_does_not_become_infinitely_sure():
    assert fit_temperature(torch.eye(5) * 3, torch.arange(5)) == pytest.approx(0.25)
