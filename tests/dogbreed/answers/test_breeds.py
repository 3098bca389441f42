import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

from dogbreed.answers.breeds import Reference, catalogue, display_name

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


ID_FORMS = {"vbo": r"VBO:0[0-9]{6}", "fci": r"[1-9][0-9]{0,2}", "wikidata": r"Q[1-9][0-9]*"}
# Varieties that share the id of their breed, as the docstring of `breeds` says
SHARED_IDS = {
    "vbo": {},
    "fci": {
        "15": {"groenendael", "malinois"},
        "97": {"keeshond", "pomeranian"},
        "172": {"miniature_poodle", "standard_poodle", "toy_poodle"},
    },
    "wikidata": {"Q38904": {"miniature_poodle", "standard_poodle"}},
}
WITHOUT_ID = {
    "vbo": {"african_hunting_dog", "cocker_spaniel", "dhole"},
    "fci": {
        "african_hunting_dog", "bluetick", "brabancon_griffon", "cocker_spaniel", "collie", "dhole", "dingo",
        "redbone", "walker_hound",
    },
    "wikidata": {"african_hunting_dog", "collie", "dhole"},
}  # fmt: skip


@pytest.mark.parametrize("other", ID_FORMS)
def test_every_breed_has_an_id_of_its_own_in_other_catalogues_except_where_it_is_documented(other):
    references = {label: getattr(breed, other) for label, breed in catalogue().items()}
    assert {label for label, reference in references.items() if reference is None} == WITHOUT_ID[other]
    breeds_of = defaultdict(set)
    for label, reference in references.items():
        if reference:
            assert re.fullmatch(ID_FORMS[other], reference.id), label
            breeds_of[reference.id].add(label)
    assert {id: labels for id, labels in breeds_of.items() if len(labels) > 1} == SHARED_IDS[other]


def test_ids_lead_to_the_page_of_the_breed():
    breed = catalogue()["toy_terrier"]
    fci = Reference("13", "https://www.fci.be/en/nomenclature/ENGLISH-TOY-TERRIER-BLACK-TAN-13.html")
    assert breed.fci == fci
    assert breed.vbo == Reference("VBO:0200499", "https://purl.obolibrary.org/obo/VBO_0200499")
    assert breed.wikidata == Reference("Q37782", "https://www.wikidata.org/wiki/Q37782")


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
