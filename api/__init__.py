"""The HTTP side: a model bundle answers requests."""
