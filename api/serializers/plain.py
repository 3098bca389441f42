"""Serializers whose instances are dictionaries or objects that have a value for most fields.

They represent them as DRF does. They do not look for callables, and for defaults only where a value is missing: an
answer has fifty fields.
"""

from typing import Any

from django.utils.functional import cached_property
from rest_framework.serializers import Field, Serializer, SkipField


class PlainSerializer(Serializer[Any]):
    # No docstring: the schema would describe every serializer with it.

    @cached_property
    def _columns(self) -> list[tuple[str, str, Field[Any, Any, Any, Any]]]:
        return [(field.field_name or "", field.source or "", field) for field in self._readable_fields]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        represented: dict[str, Any] = {}
        is_dict = isinstance(instance, dict)
        for name, source, field in self._columns:
            try:
                value = instance if source == "*" else instance[source] if is_dict else getattr(instance, source)
            except (KeyError, AttributeError):
                try:
                    value = field.get_attribute(instance)
                except SkipField:
                    continue
            represented[name] = None if value is None else field.to_representation(value)
        return represented
