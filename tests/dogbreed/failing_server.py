"""A server whose engine fails at every photo: `gunicorn tests.dogbreed.failing_server`."""

from typing import Any

from dogbreed.model.classifier import Classifier
from dogbreed.wsgi import application

__all__ = ["application"]


def fail(self: Classifier, photo: Any, explain: bool = False, advise: bool = False) -> Any:
    raise RuntimeError("The engine has failed.")


Classifier.classify = fail  # type: ignore[method-assign]
