"""What `manage.py evaluate` writes down."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from dogbreed.answers.calibration import Gate, SameDog
from dogbreed.model.bundle import ALTERNATIVES_FILE, read_bundle, write_json
from dogbreed.model.file_digests import DIGESTS_FILE
from tests.image_files import noise
from tests.trainer.conftest import draw_dog
from trainer.bundles.recorded_metrics import record_metrics
from trainer.calibration.alternatives import Alternatives, read_alternatives

COMPARED = Alternatives(
    gates=[Gate(score=score, threshold=0.5, kept=0.95, photos=100) for score in ("energy", "max_logit")]
)

SAME_DOG = SameDog(least=0.2, independent=0.7, same=0.98, apart=0.8, kept=0.97, pairs=100)


@pytest.fixture(scope="module")
def bundle(trained, tmp_path_factory) -> Path:
    """One that may be written to."""
    return Path(shutil.copytree(trained.run.bundle, tmp_path_factory.mktemp("models") / "bundle"))


@pytest.fixture(scope="module")
def evaluated(trained, bundle, tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("evaluation")
    (bundle / DIGESTS_FILE).unlink()
    write_json(bundle / ALTERNATIVES_FILE, COMPARED)  # 18 validation photos are too few for any
    config = read_bundle(bundle).config
    calibration = config.calibration.model_copy(update={"same_dog": SAME_DOG})
    write_json(bundle / "config.json", config.model_copy(update={"calibration": calibration}))
    for breed in ("round_hound", "striped_terrier"):  # not all that the model knows
        (folder / "some" / breed).mkdir(parents=True)
        for seed in range(12):
            draw_dog(breed, 900 + seed).save(folder / "some" / breed / f"{seed}.png")
    for kind in ("not_a_dog/noise", "others/unknown_breed"):
        (folder / kind).mkdir(parents=True)
        for index in range(8):
            noise((60 + index, 60)).save(folder / kind / f"{index}.png")
    call_command(
        "evaluate",
        str(bundle),
        "--data", str(trained.data), "--describe", "The test part", "--pretraining", "seen", "--record", "test",
        "--data", str(folder / "some"), "--describe", "Two breeds", "--pretraining", "unseen", "--record", "some",
        "--not-a-dog", str(folder / "not_a_dog"), "--other-breeds", str(folder / "others"),
        "--out", str(folder / "out"), "--attach",
    )  # fmt: skip
    return folder / "out"


def metrics(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "metrics.json").read_text()))


def test_every_set_is_measured_with_intervals_and_counts(evaluated):
    measured = metrics(evaluated)
    sets = [measured, *measured["further_sets"]]
    assert [(one["name"], one["photos"], one["breeds"]) for one in sets] == [("test", 30, 3), ("some", 24, 2)]
    for one in sets:
        assert set(one["measures"]) == {"top1", "top5", "log_loss", "calibration_error", "macro_f1"}
        assert one["measures"]["top1"]["value"] == pytest.approx(one["top1"])
        assert one["measures"]["top1"]["interval"][0] <= one["top1"] <= one["measures"]["top1"]["interval"][1]
        for name in ("top1", "top5"):  # the report and the card give one number one interval
            assert one["measures"][name]["interval"] == one[f"{name}_interval"]


def test_several_photos_of_one_dog_are_measured_and_shown(evaluated):
    several = metrics(evaluated)["several_photos"]
    one, two, *_ = several["sets"]
    assert (one["photos"], one["sets"]) == (1, 30)
    assert one["top1"]["value"] == pytest.approx(metrics(evaluated)["top1"])
    assert (two["photos"], two["sets"]) == (2, 60)
    assert two["top1"]["value"] >= one["top1"]["value"] - 0.05
    assert several["mixed_said_to_differ"]["value"] > two["said_to_differ"]
    assert "Several photos of one dog" in (evaluated / "report.html").read_text()


def test_methods_are_compared_that_no_server_reads(evaluated, bundle):
    calibration = json.loads((bundle / "config.json").read_text())["calibration"]
    assert "gates" not in calibration
    assert read_alternatives(read_bundle(bundle)) == COMPARED  # recording a measurement keeps them
    measured = metrics(evaluated)
    for rows in (measured["other_breeds"]["all"], *measured["not_a_dog"]["halves"].values()):
        assert [row["score"] for row in rows] == ["energy", "max_logit"]


def test_a_bundle_of_an_earlier_version_keeps_its_alternatives_when_it_is_measured(bundle_copy, change_json):
    """Such a bundle has them in its config.json, which is written without them."""
    gate = {"score": "energy", "threshold": 1.0, "kept": 0.95, "photos": 100}
    methods = [{"method": "LAC", "penalty": 0.0, "threshold": 0.9}]
    shortlist = {"coverage": 0.95, "penalty": 0.05, "threshold": 0.9, "photos": 100, "alternatives": methods}
    change_json(bundle_copy / "config.json", calibration={"shortlist": shortlist, "gates": [gate]})
    bundle = read_bundle(bundle_copy)
    before = read_alternatives(bundle)
    assert [gate.score for gate in before.gates] == ["energy"]
    assert [method.method for method in before.shortlists] == ["LAC"]
    after = record_metrics(bundle, "again", bundle.config.metrics["made-up"])
    assert "alternatives" not in (bundle_copy / "config.json").read_text()
    assert read_alternatives(after) == before


def test_tables_by_breed_agree_with_the_predictions(evaluated):
    for folder, photos in ((evaluated, 30), (evaluated / "some", 24)):
        predictions, breeds = (pd.read_csv(folder / f"{name}.csv") for name in ("predictions", "breeds"))
        assert len(predictions) == breeds["photos"].sum() == photos
        for row in breeds.itertuples():
            named, mine = (predictions[predictions[key] == row.breed] for key in ("predicted", "breed"))
            assert row.top1 == pytest.approx((mine["predicted"] == row.breed).mean(), abs=1e-4)
            if len(named):
                assert row.precision == pytest.approx((named["breed"] == row.breed).mean(), abs=1e-4)
        confused = pd.read_csv(folder / "confusions.csv")
        assert confused["times"].sum() == (predictions["breed"] != predictions["predicted"]).sum()


def test_out_of_distribution_photos_are_measured_by_kind(evaluated):
    measured = metrics(evaluated)
    assert measured["not_a_dog"]["photos"] == {"noise": 8}
    assert measured["other_breeds"]["photos"] == {"others": 8}
    assert measured["other_breeds"]["breeds"] == ["Unknown Breed"]


def test_the_report_stands_alone(evaluated):
    page = (evaluated / "report.html").read_text()
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page)
    assert "url(" not in page
    assert "data:image/jpeg" in page or "<td>0" in page
    assert "were trained on these photos" not in page  # its weights were random
    assert page.count("nothing was pretrained") == 2


def test_the_report_in_the_bundle_shows_no_photo(evaluated, bundle):
    page = (bundle / "report.html").read_text()
    assert "data:image" not in page
    assert "does not show photos" in page
    assert list(read_bundle(bundle).config.metrics) == ["test", "some"]
    assert read_bundle(bundle).is_listed


def test_a_list_of_answers_to_other_questions_is_refused(trained, bundle, tmp_path):
    with pytest.raises(CommandError, match="Give --describe once for each of the 2 --data, or not at all; there are 1"):
        call_command(
            "evaluate", str(bundle), "--data", str(trained.data), "--data", str(tmp_path), "--describe", "One",
            "--out", str(tmp_path / "out"),
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_bundle_of_an_earlier_version_gets_a_calibration(trained, tmp_path, capsys):
    """What `export --data` is for; 18 validation photos are too few for some of it, and it says so."""
    call_command("export", trained.run.bundle, tmp_path / "again", data=trained.data)
    said = capsys.readouterr().out
    calibration = read_bundle(tmp_path / "again").config.calibration
    assert calibration == read_bundle(trained.run.bundle).config.calibration
    assert calibration.verdict is None
    assert "too few validation photos" in said
    assert "heat map" not in read_bundle(tmp_path / "again").config.no_explanation
