"""The operator's site. Importing its modules registers them: Django imports this package by itself."""

from api.admin import api_keys, reviewing, stored, week_pages

__all__ = ["api_keys", "reviewing", "stored", "week_pages"]
