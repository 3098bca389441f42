"""Stored answers are counted by day, and the counts are right and last."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from api.models import CountedDay, Feedback, Prediction
from api.watching import counting
from api.watching.day_figures import Answer, count_answer, no_figures
from api.watching.weeks import Week, weeks_of
from tests.http import RED_JPEG, upload
from tests.image_files import BLUE, encoded, plain

pytestmark = pytest.mark.usefixtures("served_trusted")

GREY_JPEG = encoded(plain((128, 128, 128)))  # shows no dog, the trusted bundle says
BLUE_JPEG = encoded(plain(BLUE))
NOW = timezone.now()


def answer(client, days_ago: float = 0, data: bytes = RED_JPEG) -> Prediction:
    """An answer to a real photo, as if it had been given so many days ago."""
    identifier = upload(client, data).json()["id"]
    Prediction.objects.filter(pk=identifier).update(created=timezone.now() - timedelta(days=days_ago))
    return Prediction.objects.get(pk=identifier)


def judge(client, prediction: Prediction, **said: object) -> None:
    address = f"/api/predictions/{prediction.pk}/feedback"
    assert client.post(address, said, content_type="application/json").status_code in (200, 201)


def weeks() -> list[Week]:
    return weeks_of(CountedDay.objects.order_by("day"))


def together(thing: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for week in weeks():
        for name, number in week.figures[thing].items():
            found[name] = found.get(name, 0) + number
    return found


def test_answers_are_counted_by_what_was_said_of_them(client):
    answers = [answer(client, days_ago=14), answer(client, 14, BLUE_JPEG), answer(client, 7, GREY_JPEG), answer(client)]
    judge(client, answers[0], right=True)
    judge(client, answers[1], breed="red_hound")
    counting.count_days()
    assert sum(week.answers for week in weeks()) == 4
    kinds = together("kind")
    assert kinds["not_a_dog"] == 1
    assert sum(kinds.values()) == 4
    assert together("breed") == {"red_hound": 3, "blue_hound": 1}  # the photo without a dog has a breed too
    assert sum(together("probability").values()) == sum(together("dog").values()) == sum(together("side").values()) == 4
    agreement = weeks()[0].agreement
    assert (agreement.hits, agreement.n) == (1, 2)
    assert agreement.interval == pytest.approx((0.0945, 0.9055), abs=1e-4)


def test_feedback_that_comes_late_is_counted(client):
    late = answer(client, days_ago=20)
    answer(client, days_ago=9)
    counting.count_days()
    assert weeks()[0].agreement.n == 0
    CountedDay.objects.update(counted=NOW - timedelta(days=8))
    judge(client, late, right=True)
    counting.count_days()
    assert (weeks()[0].agreement.hits, weeks()[0].agreement.n) == (1, 1)


def test_late_feedback_on_the_newest_answer_is_counted(client):
    newest = answer(client, days_ago=9)
    counting.count_days()
    CountedDay.objects.update(counted=NOW - timedelta(days=7))
    judge(client, newest, breed="other")
    counting.count_days()
    assert (weeks()[0].agreement.hits, weeks()[0].agreement.n) == (0, 1)


def test_feedback_that_is_changed_counts_once(client):
    secret = upload(client).json()
    judge(client, Prediction.objects.get(pk=secret["id"]), right=True)
    counting.count_days()
    changed = client.post(
        f"/api/predictions/{secret['id']}/feedback",
        {"breed": "other"},
        content_type="application/json",
        HTTP_X_PREDICTION_SECRET=secret["secret"],
    )
    assert changed.status_code == 200
    counting.count_days()
    assert (weeks()[0].agreement.hits, weeks()[0].agreement.n) == (0, 1)


def test_pruning_deletes_answers_and_keeps_their_counts(client):
    judge(client, answer(client, days_ago=40), right=True)
    answer(client, days_ago=39.99)
    answer(client, days_ago=3)
    call_command("prune", "--days=40", "--no-input")
    assert Prediction.objects.count() == 2
    for again in (["--again"], []):
        call_command("count_weeks", *again)
        assert sum(week.answers for week in weeks()) == 3
        assert sum(week.agreement.n for week in weeks()) == 1


def test_a_count_that_is_killed_leaves_whole_days_and_the_next_one_goes_on(client, monkeypatch):
    for days_ago in (5, 5, 4, 3, 3):
        answer(client, days_ago)
    write = counting._write

    def killed_on_the_second_day(*words: object) -> None:
        if CountedDay.objects.exists():
            raise SystemExit
        write(*words)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(counting, "_write", killed_on_the_second_day)
        with pytest.raises(SystemExit):
            counting.count_days()
    assert [day.answers for day in CountedDay.objects.all()] == [2]
    counting.count_days()
    assert [day.answers for day in CountedDay.objects.all()] == [2, 1, 2]


def test_a_count_that_began_earlier_and_ends_later_changes_nothing(client):
    answer(client)
    before = timezone.now()
    counting.count_days()
    answer(client)
    counting.count_days()
    counting._write(NOW.astimezone(UTC).date(), [], before)
    assert [day.answers for day in CountedDay.objects.all()] == [2]


def test_a_page_does_not_count_again_what_took_long(client, django_assert_max_num_queries):
    answer(client)
    counting.count_days()
    CountedDay.objects.update(seconds=3)
    answer(client)
    with django_assert_max_num_queries(6):
        assert counting.count_days(seconds=2)
    assert [day.answers for day in CountedDay.objects.all()] == [1]
    CountedDay.objects.update(counted=timezone.now() - timedelta(seconds=61))
    assert counting.count_days(seconds=2)
    assert [day.answers for day in CountedDay.objects.all()] == [2]


def test_a_page_that_has_no_time_left_says_so(client):
    answer(client, days_ago=2)
    answer(client)
    assert not counting.count_days(seconds=-1)
    assert counting.count_days()


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2024-12-30T00:00:00+00:00", "2025-W01"),
        ("2024-12-29T23:59:59.999999+00:00", "2024-W52"),
        ("2024-12-30T01:30:00+02:00", "2024-W52"),  # still Sunday in UTC
        ("2024-12-29T20:00:00-05:00", "2025-W01"),  # already Monday in UTC
    ],
)
def test_weeks_begin_on_monday_at_midnight_utc(client, moment, week):
    answer(client)
    Prediction.objects.update(created=datetime.fromisoformat(moment))
    with timezone.override("America/New_York"):
        counting.count_days()
    assert [(found.name, found.answers) for found in weeks()] == [(week, 1)]


def test_models_are_counted_apart(client):
    answer(client)
    answer(client)
    Prediction.objects.filter(pk=answer(client).pk).update(model_version="2.0")
    counting.count_days()
    assert [(day.model_version, day.answers) for day in CountedDay.objects.order_by("model_version")] == [
        ("1.0", 2),
        ("2.0", 1),
    ]


@pytest.mark.parametrize(
    "verdict",
    [
        None,
        [],
        "breed",
        {},
        {"kind": ["breed"], "dog_score": 3, "familiar": "no"},
        {"kind": "one_of", "breeds": 7, "dog_score": {"score": None, "threshold": 1.0}},
        {"kind": "group", "group": None, "breeds": [None], "dog_score": {"score": "high", "threshold": {}}},
        {"kind": "not_a_dog", "familiarity_score": {"score": True, "threshold": None}},
    ],
)
def test_a_verdict_that_no_server_of_ours_wrote_is_counted_as_far_as_it_can_be_read(client, verdict):
    strange = answer(client)
    Prediction.objects.update(verdict=verdict, width=2**31 - 1, height=2**31 - 1, probability=1e300)
    Feedback.objects.create(prediction=strange, breed="?", right=False)
    counting.count_days()
    assert weeks()[0].answers == weeks()[0].agreement.n == 1
    assert together("dog") == together("familiarity") == {}


def test_scores_without_end_are_counted_or_left_out(client):
    answer(client)
    written = '{"kind": "breed", "dog_score": {"score": 1%s, "threshold": 1}, "familiarity_score": {"score": %s}}'
    with connection.cursor() as cursor:  # as text: our own JSON has no such numbers
        cursor.execute("UPDATE api_prediction SET verdict = %s", [written % ("0" * 400, "1e999")])
    counting.count_days()
    assert together("kind") == {"breed": 1}
    assert together("dog") == together("familiarity") == {}


def test_values_that_are_no_numbers_are_left_out():
    figures = no_figures()
    verdict = {"kind": "breed", "dog_score": {"score": float("nan"), "threshold": 1}}
    count_answer(Answer("beagle", float("nan"), verdict, 3, 4, None, None), figures)
    assert figures["probability"] == figures["dog"] == {}
    assert figures["side"] == {"below": 1}
