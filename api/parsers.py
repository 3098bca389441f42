"""Reads photos as base64 in JSON."""

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

# Commas and brackets. The photos are texts, which have at most a comma each; Python's objects for 20 MB of brackets
# would take half a gigabyte.
MAX_SEPARATORS = 1000
SEPARATORS = b",[{"


class PhotoTextsParser(BaseParser):
    """JSON of few values, of any length: its view limits that. DRF's own parser takes no more than 2.5 MB."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        text: bytes = stream.read()
        if sum(text.count(separator) for separator in SEPARATORS) > MAX_SEPARATORS:
            raise ParseError(f"JSON with more than {MAX_SEPARATORS} commas and brackets")
        try:
            return json.loads(text)
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error
