"""OpenAPI links: the id in an answer leads to the other operations on it. drf-spectacular has no option for them."""

from typing import Any

from api.ownership import HEADER

ANSWERS = {  # where a response has the answer
    "predictImage": "$response.body#",
    "predictImages": "$response.body#/answers/0",
    "prediction": "$response.body#",
}
TARGETS = {  # operations on an answer
    "prediction": "The answer, as long as it is stored.",
    "feedback": "Says whether the answer is right.",
    "keepPhoto": "Lets the server store the photo.",
    "deletePrediction": "Deletes the answer, the feedback and the photo.",
}
NEED_SECRET = {"deletePrediction"}
WITHOUT_SECRET = {"prediction"}  # a stored answer does not tell it


def add_links(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular. `result` is the schema."""
    for path in result["paths"].values():
        for operation in path.values():
            if operation["operationId"] in ANSWERS:
                operation["responses"]["200"]["links"] = _links(operation["operationId"])
    return result


def _links(source: str) -> dict[str, Any]:
    unreachable = {source, *(NEED_SECRET if source in WITHOUT_SECRET else ())}
    return {
        target: {"operationId": target, "parameters": _parameters(target, ANSWERS[source]), "description": description}
        for target, description in TARGETS.items()
        if target not in unreachable
    }


def _parameters(target: str, answer: str) -> dict[str, str]:
    parameters = {"path.id": f"{answer}/id"}
    if target in NEED_SECRET:
        parameters[f"header.{HEADER}"] = f"{answer}/secret"
    return parameters
