"""JSON by orjson: for answers, and for their columns in the database."""

from typing import Any

import orjson
from django.db.models import JSONField
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

LINE_SEPARATORS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))  # DRF escapes them for JavaScript
# What DRF writes and orjson does not know, such as texts that are translated late.
_OTHER_TYPES = JSONEncoder().default


class FastJSONRenderer(JSONRenderer):
    """Writes what DRF's own renderer writes, byte for byte. A client that asks for an indent gets it from that one."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None or self.get_indent(accepted_media_type or "", renderer_context or {}) is not None:
            return super().render(data, accepted_media_type, renderer_context)
        written = orjson.dumps(data, default=_OTHER_TYPES, option=orjson.OPT_PASSTHROUGH_DATETIME)
        for separator, escaped in LINE_SEPARATORS:
            written = written.replace(separator, escaped)
        return written


class _Encoder(JSONEncoder):
    def encode(self, o: Any) -> str:
        return orjson.dumps(o).decode()


class FastJSONField(JSONField):
    """The column of a `JSONField`, with the same content."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "encoder": _Encoder})

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """To migrations it is a `JSONField`: nothing changes in the database."""
        name, _, args, options = super().deconstruct()
        del options["encoder"]
        return name, "django.db.models.JSONField", args, options
