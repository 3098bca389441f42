"""What people say about photos that may be kept: sorted, reviewed by the staff, and exported for training."""
