"""What training runs have recorded: a list of them, their differences, and a plot that compares them. No PyTorch."""
