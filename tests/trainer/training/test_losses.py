"""The training loss: labels, weights of photos, label smoothing and a teacher's answers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from trainer.networks.network import SIMPLE_CNN, build_network
from trainer.recipes.recipe import Head, Training
from trainer.training.losses import Criterion, distilled_targets, likeliest, weighted_targets

CLASSES = 3
LABELS = torch.tensor([0, 2, 1, 0])
LOGITS = torch.randn(4, CLASSES, generator=torch.Generator().manual_seed(0))
WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 0.25])


@pytest.fixture
def network():
    torch.manual_seed(0)
    return build_network(SIMPLE_CNN, CLASSES, Head(), 32).eval()


def loss_of(network, targets, **settings):
    criterion = Criterion(Training(epochs=1, **settings), network, None)
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    return criterion(images, LOGITS, targets), images


def test_photos_of_weight_one_keep_their_class_indices():
    assert weighted_targets(LABELS, torch.ones(4), CLASSES) is LABELS


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_a_photo_is_multiplied_by_its_weight(network, smoothing):
    targets = weighted_targets(LABELS, WEIGHTS, CLASSES)
    assert likeliest(targets).tolist() == LABELS.tolist()
    loss, _ = loss_of(network, targets, label_smoothing=smoothing)
    expected = F.cross_entropy(LOGITS, LABELS, label_smoothing=smoothing, reduction="none") * WEIGHTS
    torch.testing.assert_close(loss, expected.mean())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [torch.ones(4), WEIGHTS])
def test_distillation_is_the_mean_of_two_losses_and_smooths_the_labels_alone(network, weights, smoothing):
    targets = weighted_targets(LABELS, weights, CLASSES)
    loss, images = loss_of(network, targets, distillation=0.3, label_smoothing=smoothing)
    with torch.no_grad():
        answers = network(images).softmax(dim=1)
    of_labels = F.cross_entropy(LOGITS, LABELS, reduction="none", label_smoothing=smoothing) * weights
    of_answers = F.cross_entropy(LOGITS, answers, reduction="none") * weights
    torch.testing.assert_close(loss, (0.7 * of_labels + 0.3 * of_answers).mean())


shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(lambda row: torch.tensor(row) / sum(row))


@given(answer=shares, label=st.integers(0, 2), weight=st.floats(0.1, 2), distillation=st.floats(0, 1))
def test_a_distilled_target_lies_between_the_label_and_the_answer(answer, label, weight, distillation):
    shares = weighted_targets(torch.tensor([label]), torch.tensor([weight]), CLASSES)
    target = distilled_targets(shares, answer[None], Training(epochs=1, distillation=distillation))[0]
    expected = weight * ((1 - distillation) * torch.eye(CLASSES)[label] + distillation * answer)
    torch.testing.assert_close(target, expected)


def test_a_label_that_the_teacher_doubts_is_left_to_the_teacher():
    answers = torch.tensor([[0.01, 0.99], [0.6, 0.4]])
    settings = Training(epochs=1, distillation=0.5, doubt=0.05)
    targets = distilled_targets(weighted_targets(torch.tensor([0, 1]), torch.tensor([2.0, 1.0]), 2), answers, settings)
    torch.testing.assert_close(targets, torch.tensor([[0.02, 1.98], [0.3, 0.7]]))


def test_answers_that_are_in_the_targets_are_not_asked_for_again(network):
    settings = Training(epochs=1, distillation=0.5, label_smoothing=0.2)
    answers = torch.full((4, CLASSES), 1 / CLASSES)
    targets = distilled_targets(LABELS, answers, settings)
    loss = Criterion(settings, network, None, taught=True)(torch.zeros(4, 3, 32, 32), LOGITS, targets)
    of_labels = F.cross_entropy(LOGITS, LABELS, label_smoothing=0.2)
    torch.testing.assert_close(loss, (of_labels + F.cross_entropy(LOGITS, answers)) / 2)
