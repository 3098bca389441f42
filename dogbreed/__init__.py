"""Dogbreed: the code that the trainer and the API share, above all the model bundle."""

__version__ = "0.1.0"  # of the whole product: the trainer, the API and the page
