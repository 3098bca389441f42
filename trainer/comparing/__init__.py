"""Whether a new bundle is worse than, no different from, or better than an old one. Imports no PyTorch."""
