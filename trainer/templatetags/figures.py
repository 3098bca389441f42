"""Numbers as the report writes them."""

from typing import Any

from django import template

from dogbreed.breeds import display_name

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


@register.filter
def of(values: dict[str, Any], key: str) -> Any:
    """A value by a key that is only known when the page is made."""
    return values.get(key)


@register.filter
def display(label: str) -> str:
    return display_name(label)


@register.filter
def measured(value: dict[str, Any], kind: str) -> str:
    """A number with its interval: as a share, or with so many decimals."""
    low, high = value["interval"]
    if kind == "percent":
        return f"{value['value']:.1%} ({low:.1%} to {high:.1%})"
    return f"{value['value']:.3f} ({low:.3f} to {high:.3f})"
