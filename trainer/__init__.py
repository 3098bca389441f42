"""Photos in, model bundle out. PyTorch is imported here and nowhere else."""
