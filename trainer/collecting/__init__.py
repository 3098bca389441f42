"""Photos of breeds from public collections, with who made each and what its licence is."""
