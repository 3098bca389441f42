"""Predictions for many photos: from files, folders, lists and object stores to a file with one row a photo.

Imports no PyTorch, so that it also runs on a server.
"""
