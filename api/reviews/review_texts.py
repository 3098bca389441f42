"""What the queue says about a photo, in plain words."""

from api.models import Feedback
from api.reviews.appraisal import Facts, Suggestion
from api.reviews.cases import Case
from dogbreed.answers.breeds import display_name

SUGGESTIONS = {
    Suggestion.RIGHT: "Seems right",
    Suggestion.LOOK: "Look at it",
    Suggestion.WRONG: "Seems wrong",
}


def said_name(said: str) -> str:
    """What a visitor said, as a person reads it."""
    names = {"": "nothing", Feedback.OTHER: "a breed that the model does not know", Feedback.NO_DOG: "not a dog"}
    return names.get(said) or display_name(said)


def percent(probability: float) -> str:
    return "less than 1%" if 0 < probability < 0.01 else f"{probability:.0%}"


def reasons(case: Case) -> list[str]:
    """Why the photo is in its pile, in sentences."""
    facts = case.facts
    found = [_opinion(facts), _certainty(facts)]
    if len(case.votes) > 1:
        counts = ", ".join(f"{said_name(label)} ({number})" for label, number in case.votes.most_common())
        found.append(f"Those who sent this photo contradict each other: {counts}.")
    elif case.votes.total() > 1:
        found.append(f"This photo was sent {case.votes.total()} times with the same word, perhaps by one person.")
    if case.flooded:
        found.append("Very many corrections say this breed. They may come from one person.")
    if case.last and any(copy.said_at and copy.said_at > case.last.created for copy in case.copies):
        found.append("A visitor has said something after the last review.")
    return found


def _opinion(facts: Facts) -> str:
    if not facts.said:
        return "Nobody has said what it is."
    if not facts.disagrees:
        return "The visitor confirms the model's answer."
    if facts.self_confidence is None:
        return f"The visitor says: {said_name(facts.said)}."
    return f"The model gives the visitor's breed {percent(facts.self_confidence)}."


def _certainty(facts: Facts) -> str:
    if facts.kind == "not_a_dog":
        return "The model saw no dog."
    if not facts.familiar:
        return "The model may not know this breed."
    return {
        "breed": "The model was sure.",
        "probably": "The model was fairly sure.",
        "one_of": "The model hesitated between breeds.",
    }.get(facts.kind, "The model was not certain.")


def accept_text(case: Case) -> str:
    """Of the button that accepts what the visitor said."""
    short = {Feedback.OTHER: "other breed", Feedback.NO_DOG: "not a dog"}
    return f"Accept: {short.get(case.said) or display_name(case.said)}"
