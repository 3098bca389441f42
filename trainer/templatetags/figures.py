"""Template filters: numbers as the report writes them."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dogbreed.answers.breeds import display_name

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


@register.filter
def of(values: dict[str, Any], key: str) -> Any:
    """A value by a key that is a variable of the template."""
    return values.get(key)


@register.filter
def display(label: str) -> str:
    return display_name(label)


@register.filter
def measured(value: dict[str, Any], kind: str) -> SafeString:
    """A number with its interval and, if it is known, its n: as a percentage, or with three decimals."""
    numbers = [value["value"], *value["interval"]]
    said, low, high = (f"{number:.1%}" if kind == "percent" else f"{number:.3f}" for number in numbers)
    n = f", n = {value['photos']}" if "photos" in value else ""
    return format_html('{} <small class="between">{} to {}{}</small>', said, low, high, n)
