"""The HTTP API: answers photos with a model bundle."""
