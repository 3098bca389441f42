"""Dogbreed: what the trainer and the API share, first of all the model bundle."""
