"""OpenAPI links: the id in an answer leads to the other operations on it. drf-spectacular has no option for them."""

from typing import Any

ANSWER_IDS = {  # where the answer's id is in the response of an operation
    "predictImage": "$response.body#/id",
    "predictImages": "$response.body#/answers/0/id",
    "prediction": "$response.body#/id",
}
TARGETS = {  # operations on an answer
    "prediction": "The answer, as long as it is stored.",
    "feedback": "Says whether the answer is right.",
    "keepPhoto": "Lets the server store the photo.",
}


def add_links(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular. `result` is the schema."""
    for path in result["paths"].values():
        for operation in path.values():
            if identifier := ANSWER_IDS.get(operation["operationId"]):
                operation["responses"]["200"]["links"] = _links(operation["operationId"], identifier)
    return result


def _links(source: str, identifier: str) -> dict[str, Any]:
    return {
        target: {"operationId": target, "parameters": {"id": identifier}, "description": description}
        for target, description in TARGETS.items()
        if target != source
    }
