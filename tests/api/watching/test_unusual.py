"""What is called unusual, since when, and what is not."""

from datetime import timedelta

import pytest

from api.models import CountedDay
from api.watching import wording
from api.watching.unusual import Watched, watch
from tests.api.watching.histories import MONDAY, week


def watched(*weeks: list[CountedDay]) -> Watched:
    days = [day for each in weeks for day in each]
    return watch(days, max((day.day for day in days), default=MONDAY))


def keys(found: Watched) -> set[str]:
    return {change.measure.key for change in found.going_on}


def test_a_new_installation_has_nothing_to_tell():
    found = watched()
    assert wording.headline(found) == "No answers have been counted yet."
    assert "as soon as the server stores some" in wording.explanation(found)


@pytest.mark.parametrize("weeks", [1, 3, 4])
def test_the_first_weeks_are_too_early(weeks):
    assert wording.headline(watched(*(week(number, 700) for number in range(weeks)))).startswith("It is too early")


def test_few_answers_take_more_weeks_until_they_can_be_compared():
    assert watched(*(week(number, 21) for number in range(9))).reference == []
    assert len(watched(*(week(number, 21) for number in range(12))).reference) == 10


@pytest.mark.parametrize("answers", [49, 700, 14_000])
def test_weeks_that_are_alike_are_nothing_unusual(answers):
    found = watched(*(week(number, answers) for number in range(12)))
    assert wording.headline(found) == "Nothing unusual."
    assert found.over == []


def test_more_photos_without_a_dog_are_named_with_the_week_that_began_it():
    found = watched(*(week(number, 700, not_a_dog=0.02 if number < 9 else 0.1) for number in range(12)))
    (change,) = [each for each in found.going_on if each.measure.key == "not_a_dog"]
    assert change.since.monday == MONDAY + timedelta(weeks=9)
    text = wording.change_text(change)
    assert "since the week of 3 August 2026" in text
    assert "Of 10,000 random divisions of the days, none differs as much" in text


def test_visitors_who_agree_less_often_are_named():
    found = watched(*(week(number, 2100, right=0.9 if number < 9 else 0.7) for number in range(12)))
    assert keys(found) == {"agreement"}


def test_a_site_with_few_visitors_sees_a_change_in_several_weeks_together():
    found = watched(*(week(number, 70, not_a_dog=0.02 if number < 6 else 0.15) for number in range(10)))
    assert "not_a_dog" in keys(found)


def test_one_visitor_with_many_photos_of_one_dog_is_not_a_change():
    days = [day for number in range(12) for day in week(number, 700)]
    days[-2].figures["breed"]["breed_7"] = days[-2].figures["breed"].get("breed_7", 0) + 60
    found = watch(days, days[-1].day)
    assert "breed" not in keys(found)


def test_a_breed_that_is_in_fashion_is_named():
    found = watched(*(week(number, 700, favourite=0 if number < 10 else 0.25) for number in range(12)))
    (change,) = [each for each in found.going_on if each.measure.key == "breed"]
    assert "are “Breed 0”, before" in wording.change_text(change)


def test_what_is_over_is_told_apart():
    found = watched(*(week(number, 700, not_a_dog=0.1 if number == 6 else 0.02) for number in range(12)))
    assert wording.headline(found) == "Nothing unusual."
    (change,) = [each for each in found.over if each.measure.key == "not_a_dog"]
    assert wording.change_text(change).count("in the week of 13 July 2026") == 1


def test_the_first_weeks_of_a_new_model_are_compared_with_those_before_it():
    before = [week(number, 2100, right=0.9) for number in range(8)]
    found = watched(*before, *(week(number, 2100, right=0.7, version="2") for number in (8, 9)))
    assert found.model is None
    assert [each.monday for each in found.reference] == [MONDAY + timedelta(weeks=number) for number in range(4, 8)]
    assert keys(found) == {"agreement"}
    assert "before the newest model" in wording.explanation(found)


def test_a_new_model_in_the_middle_of_a_week_is_compared_by_its_own_days():
    days = [day for number in range(8) for day in week(number, 700, not_a_dog=0.02)]
    changed = [*days, *week(8, 700, not_a_dog=0.02)[:3], *week(8, 700, not_a_dog=0.2, version="2")[3:]]
    (comparison,) = [
        each
        for each in watch(changed, changed[-1].day).compared[MONDAY + timedelta(weeks=8)]
        if each.measure.key == "not_a_dog"
    ]
    assert comparison.before < 0.03
    assert comparison.after > 0.15


def test_a_model_is_compared_with_its_own_first_weeks():
    found = watched(
        *(week(number, 2100, right=0.9) for number in range(3)),
        *(week(number, 2100, right=0.7, version="2") for number in range(3, 10)),
    )
    assert (str(found.model), wording.headline(found)) == ("tiny 2", "Nothing unusual.")


def test_the_reference_can_begin_later():
    days = [day for number in range(12) for day in week(number, 700, not_a_dog=0.02 if number < 5 else 0.1)]
    assert "not_a_dog" in keys(watch(days, days[-1].day))
    assert keys(watch(days, days[-1].day, first=MONDAY + timedelta(weeks=5))) == set()


def test_the_running_week_does_not_end_a_change():
    days = [day for number in range(12) for day in week(number, 700, not_a_dog=0.02 if number < 9 else 0.1)]
    monday = MONDAY + timedelta(weeks=12)
    few = week(12, 7, days=1)
    assert "not_a_dog" in keys(watch([*days, *few], monday))
