"""What browsers and caches may store of answers."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

# A cache asks each time whether it is still current. The ETag is a digest of the content, so the answer is a 304 then.
revalidated = method_decorator([cache_control(no_cache=True), conditional_page], name="dispatch")
revalidated_by_browsers = method_decorator(
    [cache_control(no_cache=True, private=True), conditional_page], name="dispatch"
)
# The answer to somebody's photo or feedback
not_stored = method_decorator(cache_control(no_store=True))
