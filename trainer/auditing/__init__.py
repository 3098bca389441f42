"""Finds problems in labelled photos and suggests corrections, which a person decides on."""
