"""The queue on the admin site: what it shows, to whom, and what its buttons do."""

from io import BytesIO

import pytest
from PIL import Image

from api.models import Feedback, Review
from api.reviews.cases import all_cases
from tests.api.reviews.conftest import QUEUE, act, last_review, only_case, red_photo, withdraw


def test_a_page_shows_what_the_visitor_and_the_model_say(send, staff):
    send("green_hound")
    page = staff().get(QUEUE).content.decode()
    assert "Accept: Green Hound" in page
    assert "The model gives the visitor&#x27;s breed less than 1%." in page


def test_a_photo_that_nobody_permitted_to_keep_is_not_in_the_queue(send, staff):
    send("green_hound", kept=False)
    assert "No photo is here." in staff().get(f"{QUEUE}?list=all").content.decode()


def test_only_those_with_a_permission_see_anything(send, staff, client):
    answer = send("green_hound")
    addresses = [QUEUE, f"{QUEUE}photo/{answer['id']}/", f"{QUEUE}photo/{answer['id']}/small.jpg", f"{QUEUE}log/"]
    stranger, viewer = staff("ben", "view_prediction"), staff("eve", "view_review")
    for address in addresses:
        assert client.get(address).status_code == 302  # to the login
        assert stranger.get(address).status_code == 403
        assert viewer.get(address).status_code == 200
    assert 'name="do"' not in viewer.get(QUEUE).content.decode()
    case = only_case()
    refused = viewer.post(f"{QUEUE}act/", {"do": f"reject:{case.id}", f"seen-{case.id}": case.seen})
    assert refused.status_code == 403
    assert only_case().state == "waiting"


def test_a_thumbnail_is_small_and_asked_for_again_until_the_photo_is_withdrawn(send, staff, client):
    answer, ann = send("green_hound"), staff()
    address = f"{QUEUE}photo/{answer['id']}/small.jpg"
    response = ann.get(address)
    assert Image.open(BytesIO(response.content)).format == "JPEG"
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert ann.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    withdraw(client, answer)
    assert ann.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 404


@pytest.mark.parametrize(
    ("do", "fields", "state", "label"),
    [
        ("accept", {}, "accepted", "green_hound"),
        ("reject", {}, "rejected", ""),
        ("not_a_dog", {}, "not_a_dog", ""),
        ("change", {"label": "Golden Retriever"}, "accepted", "golden_retriever"),
        ("change", {"label": " My  new breed "}, "accepted", "my_new_breed"),
    ],
)
def test_each_action_is_logged_and_undone(send, staff, do, fields, state, label):
    send("green_hound")
    ann, before = staff(), only_case()
    act(ann, do, before, **fields)
    event = last_review()
    assert (only_case().state, event.label, event.by_name) == (state, label, "ann")
    assert "Undo that" in act(ann, f"undo-batch:{event.batch}")
    assert only_case().state == "waiting"
    act(ann, f"undo-batch:{last_review().batch}")  # and the undoing is undone
    assert only_case().state == state
    assert [event.action for event in Review.objects.order_by("number")] == [do, "undo", "undo"]


def test_undoing_goes_back_one_review_at_a_time(send, staff):
    send("green_hound")
    ann = staff()
    for do in ("accept", "reject"):
        act(ann, f"{do}:{only_case().id}", only_case())
    states = []
    for _ in range(3):
        page = act(ann, f"undo:{only_case().id}", only_case())
        states.append(only_case().state)
    assert states == ["accepted", "waiting", "waiting"]
    assert "there is nothing to undo" in page


def test_one_of_many_can_be_changed_by_its_own_field(send, staff):
    for _ in range(3):
        send("green_hound")
    first, *_ = all_cases()
    act(staff(), f"change:{first.id}", first, **{f"label-{first.id}": "pug", "label": "boxer"})
    assert sorted(case.last.label if case.last else "" for case in all_cases()) == ["", "", "pug"]


@pytest.mark.parametrize("label", ["../x", "..", "a/b", "a\\b", ".hidden", "", "test", "no_dog", "<b>", "x" * 101])
def test_a_label_that_could_be_a_path_or_something_else_is_refused(send, staff, label):
    send("green_hound")
    page = act(staff(), "change", only_case(), label=label)
    assert "cannot be a breed&#x27;s label" in page
    assert "<b>&#x27; cannot" not in page
    assert only_case().state == "waiting"


def test_what_a_visitor_said_is_escaped_and_no_path(send, staff):
    answer = send("green_hound")
    Feedback.objects.filter(pk=answer["id"]).update(breed="../<script>x</script>", right=False)
    ann = staff()
    for list_ in ("look", "all"):
        assert "<script>x" not in ann.get(f"{QUEUE}?list={list_}").content.decode()
    assert "no visitor said a breed that can be a label" in act(ann, "accept", only_case())
    assert only_case().state == "waiting"


def test_two_people_do_not_overwrite_each_other(send, staff):
    send("green_hound")
    send("green_hound")
    ann, ben = staff("ann"), staff("ben")
    both = all_cases()
    act(ann, "accept", both[0])
    page = act(ben, "reject", *both)  # from a page that was shown before
    assert "1 photo rejected" in page
    assert "Not changed, because they are not as this page showed them: 1 photo (accepted by ann)" in page
    assert sorted(case.state for case in all_cases()) == ["accepted", "rejected"]


def test_what_a_visitor_says_after_the_page_was_shown_is_not_accepted_unseen(send, staff, client):
    answer = send("green_hound")
    shown = only_case()
    headers = {"X-Prediction-Secret": answer["secret"]}
    client.post(f"/api/predictions/{answer['id']}/feedback", {"breed": "blue_hound"}, headers=headers)
    assert "Not changed" in act(staff(), "accept", shown)
    assert only_case().state == "waiting"


def test_a_photo_that_is_sent_again_and_again_is_reviewed_once(send, staff, client):
    data = red_photo()
    first, *more = [send("green_hound", data) for _ in range(3)]
    case = only_case()
    assert case.votes == {"green_hound": 3}
    act(staff(), "accept", case)
    send("green_hound", data)
    assert only_case().state == "accepted"  # a later copy does not open it again
    withdraw(client, first)
    assert only_case().state == "accepted"  # the others still permit it
    for answer in more:
        withdraw(client, answer)
    assert Review.objects.count() == 1


def test_hundreds_of_hostile_corrections_do_not_push_out_the_rest(send, keeping, staff):
    for _ in range(60):
        send("green_hound")  # hostile: a different photo each time, always the same breed
    honest = {send("blue_hound")["id"] for _ in range(3)}  # which the model finds even less probable
    cases = all_cases()
    places = [place for place, case in enumerate(cases) if str(case.id) in honest]
    assert max(places) < 24  # the first page
    assert all(case.flooded for case in cases if case.said == "green_hound")


def test_withdrawing_a_photo_deletes_its_reviews(send, staff, client):
    answer = send("green_hound")
    ann = staff()
    act(ann, "accept", only_case())
    withdraw(client, answer)
    assert (all_cases(), Review.objects.count()) == ([], 0)


def test_an_order_that_makes_no_sense_changes_nothing(send, staff):
    send("green_hound")
    ann = staff()
    for do in ("", "delete", "accept:no-id", "undo-batch:x"):
        assert "Nothing was changed" in act(ann, do, only_case())
    assert ann.get(f"{QUEUE}?list=<x>&said=<y>&page=-1").status_code == 200
    assert Review.objects.count() == 0


def test_photos_without_a_word_come_last(send, keeping):
    silent, said = send(), send("green_hound")
    assert [str(case.id) for case in all_cases()] == [said["id"], silent["id"]]
