"""Thin views: a request in, one call, its answer out."""
