"""How many photos a client may send in a time: `DOGBREED_THROTTLE`."""

from rest_framework.throttling import ScopedRateThrottle


class PhotoThrottle(ScopedRateThrottle):
    """Counts a request as one photo before it is read; `count_more` adds the others that were in it.

    So a client's last permitted request may have up to 15 photos too many, and its next one has to wait for all.
    """

    def count_more(self, photos: int) -> None:
        if self.rate is not None:
            for _ in range(photos):
                self.throttle_success()
