"""The search for better settings of a recipe: trials, halving, workers, and what people read of them."""
