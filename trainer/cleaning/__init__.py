"""Folders of photos as people have them become photos that can be trained on."""
