"""Trains a bundle further on new photos, such as visitors' corrections, together with the photos that it knows."""
