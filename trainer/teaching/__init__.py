"""New breeds from a few photos, without training and without PyTorch."""
