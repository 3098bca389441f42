"""What requests and responses look like: serializers check requests, make responses, and give the OpenAPI schema.

Each module mirrors the views' module of the same name; `breed_rows`, `conclusions` and `error` hold what several share.
"""
