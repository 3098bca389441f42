"""A server keeps compiled networks, and never answers with one that is not as it was kept."""

import os

import numpy as np
import pytest

from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import openvino
from dogbreed.model.engines.compiled_files import KEPT
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_input import golden_input


@pytest.fixture
def compilations(monkeypatch):
    """The networks that OpenVINO compiled, rather than read from a file."""
    made = []
    compile_network = openvino._compile

    def count(model, options):
        made.append(model)
        return compile_network(model, options)

    monkeypatch.setattr(openvino, "_compile", count)
    return made


def answers(bundle, folder, **how):
    classifier = Classifier.load(bundle, compiled=folder, **how)
    return classifier.engine.outputs(golden_input(classifier.config, 1))["logits"]


def test_the_second_start_reads_the_compiled_network_and_answers_the_same(tiny_bundle, tmp_path, compilations):
    first = answers(tiny_bundle, tmp_path / "compiled")
    assert len(compilations) == 1
    np.testing.assert_array_equal(answers(tiny_bundle, tmp_path / "compiled"), first)
    assert len(compilations) == 1


def test_another_bundle_and_another_way_to_run_it_are_compiled_anew(bundle_copy, tmp_path, compilations):
    answers(bundle_copy, tmp_path / "compiled")
    answers(bundle_copy, tmp_path / "compiled", photos="many")
    assert len(compilations) == 2
    (bundle_copy / "MODEL_CARD.md").write_text("Another bundle.")
    write_digests(bundle_copy)
    answers(bundle_copy, tmp_path / "compiled")
    assert len(compilations) == 3


@pytest.mark.parametrize("damage", ["empty", "cut off", "changed", "no network"])
def test_a_damaged_file_is_compiled_and_kept_anew(tiny_bundle, tmp_path, compilations, damage):
    folder = tmp_path / "compiled"
    first = answers(tiny_bundle, folder)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    changed = bytes([*whole[:-100], whole[-100] ^ 1, *whole[-99:]])
    file.write_bytes({"empty": b"", "cut off": whole[:-10], "changed": changed, "no network": b"x" * 100}[damage])
    np.testing.assert_array_equal(answers(tiny_bundle, folder), first)
    assert len(compilations) == 2
    answers(tiny_bundle, folder)
    assert len(compilations) == 2


def test_a_file_that_openvino_cannot_read_is_compiled_anew(tiny_bundle, tmp_path, compilations, monkeypatch):
    """As after a change of OpenVINO that its version does not show."""
    folder = tmp_path / "compiled"
    monkeypatch.setattr("dogbreed.model.engines.compiled_files.CompiledFiles.read", lambda *_: b"of another OpenVINO")
    answers(tiny_bundle, folder)
    assert len(compilations) == 1


def test_old_files_and_what_killed_processes_left_are_deleted(tiny_bundle, tmp_path):
    folder = tmp_path / "compiled"
    folder.mkdir()
    for number in range(KEPT + 3):
        (folder / f"tmp{number}").write_bytes(b"half")
        os.utime(folder / f"tmp{number}", (number, number))
    answers(tiny_bundle, folder)
    assert len(list(folder.iterdir())) == KEPT
    assert len(list(folder.glob("*.compiled"))) == 1


def test_where_nothing_can_be_written_the_network_is_compiled(tiny_bundle, tmp_path):
    (tmp_path / "compiled").write_text("A file where the folder should be.")
    assert answers(tiny_bundle, tmp_path / "compiled").shape == (1, 3)


def test_a_server_that_demands_signatures_keeps_nothing(settings, tmp_path):
    from dogbreed.model.serving_source import serving_source

    settings.DOGBREED_COMPILED = tmp_path
    settings.DOGBREED_BUNDLE_KEY = ""
    assert serving_source().compiled == tmp_path
    settings.DOGBREED_BUNDLE_KEY = "key.pem"
    assert serving_source().compiled is None
