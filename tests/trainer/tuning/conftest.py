"""A finished search on the made-up breeds."""

import shutil

import pytest

from tests.once import made_once
from tests.trainer.conftest import QUICK_RECIPE
from tests.trainer.tuning.studies import tune


@pytest.fixture(scope="session")
def recipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("recipes") / "quick.toml"
    path.write_text(QUICK_RECIPE)
    return path


@pytest.fixture(scope="session")
def without_test_part(organized, tmp_path_factory):
    """The same photos, but nothing of the test part can be read."""
    data = tmp_path_factory.mktemp("searched") / "data"
    shutil.copytree(organized, data)
    shutil.rmtree(data / "test")
    return data


@pytest.fixture(scope="session")
def searched(without_test_part, recipe, tmp_path_factory):
    """The folder of the study, and what was said. Tests do not change it."""

    def search(folder):
        (folder / "said.txt").write_text(tune(without_test_part, recipe, folder / "study", "--trials", "5"))

    folder = made_once(tmp_path_factory, "searched", search)
    return folder / "study", (folder / "said.txt").read_text()
