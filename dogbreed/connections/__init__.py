"""gunicorn's worker: what happens to a connection before and after the application."""
