"""Watching the served model: stored answers are counted by day, and weeks are compared with earlier weeks."""
