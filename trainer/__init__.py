"""From labelled photos to a model bundle. The only package that imports PyTorch."""
