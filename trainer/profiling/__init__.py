"""Where the time of a training goes, what the machine does meanwhile, and what to change."""
