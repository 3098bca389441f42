"""Prepares folders of photos for training."""
