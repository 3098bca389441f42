"""Thin views: each makes one call for a request and serializes the result."""
