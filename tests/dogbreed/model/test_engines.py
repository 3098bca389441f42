import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from django.conf import settings as project_settings

from dogbreed.model.bundle import BundleError, read_bundle
from dogbreed.model.classifier import Classifier, default_classifier
from dogbreed.model.engines import ENGINES, EngineByLoad, EngineError, ONNXRuntimeEngine, load_engine
from dogbreed.model.engines.threads import available_cores, inference_threads
from dogbreed.model.golden_input import golden_input
from dogbreed.photos.preprocessing import to_input
from tests.conftest import tiny_network
from tests.image_files import RED, noise, plain

DEFAULT_BUNDLE = Path(project_settings.BASE_DIR) / "models" / "default"
engines = pytest.mark.parametrize("engine", ENGINES)


@pytest.mark.parametrize("which", ["tiny", "default"])
def test_the_engines_give_the_same_answers(which, tiny_bundle):
    classifiers = [Classifier.load(tiny_bundle if which == "tiny" else DEFAULT_BUNDLE, "float32", e) for e in ENGINES]
    config, golden = classifiers[0].bundle.config, classifiers[0].bundle.golden
    photos = [to_input(photo, config) for photo in (noise((300, 200)), plain(RED))]
    batch = np.concatenate([np.stack(photos), golden_input(config, seed=99)])
    answers = [classifier.engine.outputs(batch)["logits"] for classifier in classifiers]
    assert [answer.shape for answer in answers] == [(3, len(config.label_names))] * 2
    np.testing.assert_allclose(answers[0], answers[1], atol=golden.tolerance["float32"])


@pytest.fixture
def two_cores(monkeypatch):
    for user in ("dogbreed.model.engines", "dogbreed.model.classifier"):
        monkeypatch.setattr(f"{user}.inference_threads", lambda processes: 2)


@engines
def test_photos_that_come_together_get_the_answers_of_photos_that_come_alone(engine, two_cores):
    engine = Classifier.load(DEFAULT_BUNDLE, "float32", engine, photos="varying").engine
    assert isinstance(engine, EngineByLoad)
    inputs = [golden_input(read_bundle(DEFAULT_BUNDLE).config, seed) for seed in range(8)]
    alone = [engine.outputs(each)["logits"] for each in inputs]
    assert engine.together is engine.alone  # one photo at a time needs no second compilation
    for _ in range(2):
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda each: engine.outputs(each)["logits"], inputs))
        np.testing.assert_allclose(together, alone, atol=1e-4)
        engine.compile_now()
        assert engine.together is not engine.alone


def test_a_second_compilation_that_gives_other_answers_is_not_used(bundle_copy, two_cores, caplog):
    classifier = Classifier.load(bundle_copy, "float32", photos="varying")
    network = tiny_network()
    network.graph.initializer[1].raw_data = np.full(3, 0.5, np.float32).tobytes()
    onnx.save(network, bundle_copy / "model.onnx")
    assert isinstance(classifier.engine, EngineByLoad)
    classifier.engine.compile_now()
    assert classifier.engine.together is classifier.engine.alone
    assert "does not reproduce its golden outputs" in caplog.text


@engines
@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x0a\x12"])
def test_a_corrupt_network_is_refused_in_a_sentence(bundle_copy, content, engine):
    (bundle_copy / "model.onnx").write_bytes(content)
    with pytest.raises(EngineError, match=r"model\.onnx cannot be read as an ONNX network \(.+\)\. Export it again\."):
        Classifier.load(bundle_copy, engine=engine)


@engines
def test_a_network_of_another_shape_is_refused_with_both_shapes(bundle_copy, engine):
    onnx.save(tiny_network(classes=2), bundle_copy / "model.onnx")
    with pytest.raises(EngineError, match=r"should have an output logits \[\?,3\].*has logits \[\?,2\]"):
        Classifier.load(bundle_copy, engine=engine)
    onnx.save(tiny_network(input_name="pixels"), bundle_copy / "model.onnx")
    with pytest.raises(EngineError, match=r"should have one input, image \[\?,3,32,32\].*has pixels \[\?,3,32,32\]"):
        Classifier.load(bundle_copy, engine=engine)


@engines
def test_a_network_that_computes_something_else_is_refused(bundle_copy, engine):
    network = tiny_network()
    network.graph.initializer[1].raw_data = np.full(3, 0.5, np.float32).tobytes()
    onnx.save(network, bundle_copy / "model.onnx")
    with pytest.raises(BundleError, match="does not reproduce its golden outputs"):
        Classifier.load(bundle_copy, engine=engine)


def test_onnx_runtime_computes_in_float32_and_says_so(tiny_bundle):
    bundle = read_bundle(tiny_bundle)
    for asked in ("auto", "float32"):
        assert ONNXRuntimeEngine(bundle.network, bundle.config, asked).precision == "float32"
    with pytest.raises(EngineError, match=r"does not compute in bfloat16\. Set DOGBREED_PRECISION to auto, float32"):
        Classifier.load(tiny_bundle, "bfloat16", "onnxruntime")
    with pytest.raises(ValueError, match="got 'float8'"):
        Classifier.load(tiny_bundle, "float8", "onnxruntime")


@engines
def test_a_process_goes_on_after_another_thread_gave_the_engine_up(tiny_bundle, engine):
    program = """
import signal, sys, threading
from pathlib import Path
from dogbreed.model.bundle import read_bundle
from dogbreed.model.engines import load_engine
signal.signal(signal.SIGUSR1, lambda *_: print("got the signal"))
bundle = read_bundle(Path(sys.argv[1]))
loaded = [load_engine(sys.argv[2], bundle.network, bundle.config)]
thread = threading.Thread(target=loaded.clear)
thread.start()
thread.join()
signal.raise_signal(signal.SIGUSR1)
print("goes on")
"""
    command = [sys.executable, "-c", program, str(tiny_bundle), engine]
    done = subprocess.run(command, cwd=project_settings.BASE_DIR, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["got the signal", "goes on"], (done.returncode, done.stderr)


def test_an_engine_that_does_not_exist_is_refused(tiny_bundle):
    bundle = read_bundle(tiny_bundle)
    with pytest.raises(ValueError, match="engine must be openvino or onnxruntime, got 'tensorrt'"):
        load_engine("tensorrt", bundle.network, bundle.config)


def test_the_setting_chooses_what_answers(served, settings):
    settings.DOGBREED_ENGINE = "onnxruntime"
    classifier = default_classifier()
    assert classifier.engine.name == "ONNX Runtime"
    assert classifier.classify(plain(RED)).breed == "red_hound"
    settings.DOGBREED_ENGINE = "openvino"
    assert default_classifier().engine.name == "OpenVINO"


def test_server_processes_divide_the_cores_and_each_gets_one_at_least():
    cores = available_cores()
    assert inference_threads(1) == cores
    assert inference_threads(cores) == inference_threads(100 * cores) == 1


def test_a_container_gets_no_more_threads_than_its_quota(tmp_path):
    cores = len(os.sched_getaffinity(0))
    assert available_cores(tmp_path) == cores  # no quota to be read
    (tmp_path / "cpu").mkdir()
    for quota, expected in (("-1", cores), ("150000", 1), ("20000", 1)):
        (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
        (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
        assert available_cores(tmp_path) == expected
    for quota, expected in (("max", cores), ("150000", 1), ("90000000", cores)):
        (tmp_path / "cpu.max").write_text(f"{quota} 100000\n")
        assert available_cores(tmp_path) == expected
