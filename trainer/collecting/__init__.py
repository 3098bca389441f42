"""Photos of breeds from public collections, with the author and the licence of each."""
