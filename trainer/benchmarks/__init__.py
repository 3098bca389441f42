"""Speeds relative to a reference that is measured in the same run: ratios vary less than speeds on a busy machine."""
