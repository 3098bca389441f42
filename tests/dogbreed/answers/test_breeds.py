import csv
from pathlib import Path

import pytest

from dogbreed.answers.breeds import catalogue, display_name

KAGGLE_LABELS = Path(__file__).parents[4] / "shared" / "data" / "kaggle-dog-breed-identification" / "labels.csv"


def test_there_are_120_breeds_sorted_and_with_names_of_their_own():
    breeds = catalogue()
    assert len(breeds) == 120
    assert list(breeds) == sorted(breeds)
    assert len({breed.name for breed in breeds.values()}) == 120


@pytest.mark.skipif(not KAGGLE_LABELS.is_file(), reason="the Kaggle data is not beside this checkout")
def test_every_label_of_the_competition_is_in_the_catalogue():
    with KAGGLE_LABELS.open(newline="") as file:
        assert {row["breed"] for row in csv.DictReader(file)} == set(catalogue())


def test_every_breed_belongs_to_a_group():
    groups = {breed.group for breed in catalogue().values()}
    assert groups == {
        "toy", "hound", "terrier", "working", "herding", "sporting", "non-sporting", "foundation stock", "wild"
    }  # fmt: skip
    assert {id for id, breed in catalogue().items() if breed.group == "wild"} == {
        "african_hunting_dog", "dhole", "dingo"
    }  # fmt: skip


def test_an_alias_never_means_two_breeds():
    names = [name for breed in catalogue().values() for name in (breed.name, *breed.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("golden_retriever", "Golden Retriever"),
        ("brabancon_griffon", "Brussels Griffon"),
        ("mexican_hairless", "Xoloitzcuintli"),
        ("shih-tzu", "Shih Tzu"),
        ("my_own_breed", "My Own Breed"),
        ("Épagneul_bleu-roan", "Épagneul Bleu-roan"),
        ("", ""),
    ],
)
def test_labels_have_readable_names(label, name):
    assert display_name(label) == name
