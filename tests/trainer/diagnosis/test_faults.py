"""Faults in a training are named, with what to change; a good training has no finding."""

import json

import pytest
import torch
from lightning.pytorch import Callback
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn
from torch.nn import functional

from tests.trainer.conftest import BREEDS, draw_dog
from tests.trainer.diagnosis.watched import found, started, watched
from trainer.networks.weights_file import write_weights
from trainer.training.run import best_network
from trainer.training.run_findings import HopelessTrainingError
from trainer.training.run_folder import Run

BREED_COUNTS = dict.fromkeys(BREEDS, 30)


def folders(path, counts, label_of=lambda breed, index: breed):
    """Photos in a folder for each breed, as `--data` takes them without a manifest."""
    for number, (breed, count) in enumerate(counts.items()):
        for index in range(count):
            label = path / "train" / label_of(breed, index)
            label.mkdir(parents=True, exist_ok=True)
            draw_dog(breed, number * 1000 + index).save(label / f"{breed}-{index}.jpg", quality=92)
    return path


@pytest.fixture(scope="module")
def good(organized, tmp_path_factory):
    run = tmp_path_factory.mktemp("good") / "run"
    config = started(run, organized, epochs=12)
    return Run(run), config, watched(run, organized, config)


def test_a_good_training_has_no_finding(good):
    run, _, findings = good
    assert findings == []
    assert json.loads((run.path / "findings.json").read_text()) == {"findings": []}


class Spoil(Callback):
    """Changes the network before a step, counted from 1."""

    def __init__(self, spoil, step=1):
        self.spoil, self.step = spoil, step

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step + 1 == self.step:
            with torch.no_grad():
                self.spoil(pl_module.network)


def not_a_number(network):
    network.head.hidden1.weight[0, 0] = torch.nan


def dead(network):
    network.head.hidden1.bias.fill_(-1000)


class FunctionalReLU(nn.Module):
    """As in networks that have no layer for their ReLUs."""

    def forward(self, inputs):
        return functional.relu(inputs)


def dead_without_a_layer(network):
    network.head.relu1 = FunctionalReLU()
    dead(network)


def stuck(network):
    network.head.relu1 = nn.ReLU6()
    network.head.hidden1.bias.fill_(1000)


def zero(network):
    network.backbone[3].weight.zero_()
    network.backbone[3].register_forward_hook(lambda layer, inputs, output: output * 0)


def block_gradients(network):
    network.backbone.register_forward_hook(
        lambda layer, inputs, output: output.detach() + (output - output.detach()) * 1e-9
    )


def freeze_all(network):
    network.requires_grad_(False)


class FreezeBackbone(Callback):
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        pl_module.network.backbone.requires_grad_(False)


@pytest.mark.parametrize(
    ("check", "change", "changes", "faults"),
    [
        ("exploding-loss", "optimizer.lr", ["optimizer.lr=10"], []),
        ("large-updates", "optimizer.lr", ["optimizer.lr=10"], []),
        ("unchanged-weights", "optimizer.lr", ["optimizer.lr=1e-13"], []),
        ("unchanged-part", "optimizer.backbone_lr_factor", ["optimizer.backbone_lr_factor=1e-10"], []),
        ("unchanged-part", "training.frozen_epochs", [], [FreezeBackbone()]),
        ("dead-relu", "optimizer.lr", [], [Spoil(dead)]),
        ("dead-relu", "optimizer.lr", [], [Spoil(dead_without_a_layer)]),
        ("stuck-relu6", "optimizer.lr", [], [Spoil(stuck)]),
        ("zero-weights", "--weights", [], [Spoil(zero)]),
        ("vanishing-gradient", "architecture", [], [Spoil(block_gradients)]),
    ],
)
def test_a_fault_is_named_with_what_to_change(organized, tmp_path, check, change, changes, faults):
    findings = found(tmp_path / "run", organized, changes, faults=faults)
    assert findings[check].change == change
    assert findings[check].advice


@pytest.mark.filterwarnings("ignore:Encountered `nan` values")
def test_a_loss_that_is_not_a_number_is_found_at_its_own_step(organized, tmp_path):
    findings = found(tmp_path / "run", organized, faults=[Spoil(not_a_number, step=6)])
    assert (findings["not-finite"].step, findings["not-finite"].epoch) == (6, 1)
    assert findings["not-finite"].change == "optimizer.lr"


@pytest.mark.filterwarnings("ignore:Encountered `nan` values")
def test_a_loss_that_ends_training_early_is_found_too(organized, tmp_path):
    finding = found(tmp_path / "run", organized, faults=[Spoil(not_a_number, step=8)])["not-finite"]
    assert (finding.step, finding.epoch) == (8, 1)


def test_one_cause_is_said_and_not_what_follows_from_it(organized, tmp_path):
    assert set(found(tmp_path / "run", organized, ["optimizer.lr=1e-13"], epochs=9)) == {"unchanged-weights"}


def test_a_loss_that_does_not_fall_is_found(organized, tmp_path):
    small_steps = ["optimizer.name=sgd", "optimizer.lr=1e-6", "optimizer.schedule=constant"]
    finding = found(tmp_path / "run", organized, small_steps, epochs=9)["loss-not-decreasing"]
    assert finding.change == "optimizer.lr"
    assert "ten times as much: 1e-05" in finding.advice


def test_nothing_to_train_ends_before_the_first_step(organized, tmp_path):
    with pytest.raises(HopelessTrainingError, match=r"No parameter of the network is trained\. Change training\."):
        found(tmp_path / "run", organized, faults=[Spoil(freeze_all)])


def test_an_input_that_is_not_normalized_is_found_before_the_first_step(organized, tmp_path):
    config = started(tmp_path / "run", organized, epochs=1)
    config = config.model_copy(update={"mean": (0.0, 0.0, 0.0), "std": (0.004, 0.004, 0.004)})
    finding = next(f for f in watched(tmp_path / "run", organized, config) if f.check == "input-not-normalized")
    assert (finding.step, finding.epoch) == (1, 1)


def test_a_rare_breed_is_found_unless_it_has_more_weight(tmp_path):
    data = folders(tmp_path / "data", {BREEDS[0]: 80, BREEDS[1]: 4, BREEDS[2]: 40})
    finding = found(tmp_path / "run", data, epochs=1)["class-imbalance"]
    assert "64 training photos of Round Hound and 3 of Square Spaniel" in finding.seen
    assert finding.change == "training.class_weighting"
    balanced = ["training.class_weighting=balanced"]
    assert "class-imbalance" not in found(tmp_path / "balanced", data, balanced, epochs=1)


def test_labels_that_contradict_the_starting_network_are_found_before_the_first_step(good, tmp_path):
    run, config, _ = good
    wrong = {breed: BREEDS[(number + 1) % 3] for number, breed in enumerate(BREEDS)}
    data = folders(tmp_path / "data", BREED_COUNTS, lambda breed, index: wrong[breed])
    started(tmp_path / "run", data, epochs=1)
    write_weights(Run(tmp_path / "run").start, best_network(run, config).state_dict())
    config = config.model_copy(update={"backbone_weights": "a good network"})
    finding = next(f for f in watched(tmp_path / "run", data, config) if f.check == "contradicting-labels")
    assert (finding.change, finding.step) == ("--data", 1)


def test_photos_that_are_remembered_are_found(tmp_path):
    """Random labels can only be remembered."""
    data = folders(tmp_path / "data", BREED_COUNTS, lambda breed, index: BREEDS[(index * 7 // 3) % 3])
    findings = found(tmp_path / "run", data, [*NO_AUGMENTATION, "training.patience=60"], epochs=40)
    assert findings["overfit"].change == "augmentation.randaugment"
    assert "training photos are recognized" in findings["overfit"].seen


NO_AUGMENTATION = ["augmentation.crop_scale=[1.0, 1.0]", "augmentation.color=0", "augmentation.rotation=0"]


def two_names(path, often, rarely):
    """Photos of two breeds; those of the first are in folders with its own name and with that of a third breed."""
    first, second, third = BREEDS
    labels = [third if index % (often + rarely) < rarely else first for index in range(120)]
    return folders(path, {first: 120, second: 60}, lambda breed, index: labels[index] if breed == first else breed)


def test_two_names_of_one_breed_are_found(tmp_path):
    """Most photos have the first name, so that the other is hardly ever answered."""
    finding = found(tmp_path / "run", two_names(tmp_path / "data", 3, 1), epochs=8)["swallowed-class"]
    assert "validation photos of Striped Terrier are taken for Round Hound" in finding.seen
    assert finding.change == "training.class_weighting"


def test_a_training_that_no_longer_moves_is_found(tmp_path):
    """A trained network goes on, but nothing more can be learned: half of a breed's photos have another name."""
    data, before, after = two_names(tmp_path / "data", 1, 1), tmp_path / "before", tmp_path / "after"
    config = started(before, data, NO_AUGMENTATION, epochs=6)
    watched(before, data, config)
    small_steps = ["optimizer.name=sgd", "optimizer.lr=1e-3", "optimizer.schedule=constant", "head.dropout=0"]
    slow = started(after, data, [*NO_AUGMENTATION, *small_steps], epochs=7)
    write_weights(Run(after).start, best_network(Run(before), config).state_dict())
    findings = {finding.check: finding for finding in watched(after, data, slow)}
    assert findings["stalled"].change == "optimizer.lr"
    assert "in 5 epochs" in findings["stalled"].seen


def test_findings_are_said_and_shown_in_tensorboard(organized, tmp_path, caplog):
    caplog.set_level("INFO", logger="trainer")
    finding = found(tmp_path / "run", organized, ["optimizer.lr=10"], epochs=1)["exploding-loss"]
    assert finding.line in caplog.text
    assert caplog.text.count(finding.seen) == 1
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert "findings/exploding-loss/text_summary" in events.Tags()["tensors"]


def test_the_report_of_a_good_run_says_that_nothing_was_noticed(trained):
    assert json.loads((trained.run.path / "findings.json").read_text()) == {"findings": []}
    assert "no check of the training found anything wrong" in (trained.run.evaluation / "report.html").read_text()
