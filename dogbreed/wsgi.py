"""The server's entry point: `gunicorn dogbreed.wsgi`.

The model is loaded here, once in each process, so that the first visitor does not wait for it. Leave gunicorn's
`--preload` off: the fork that follows it copies none of the threads that OpenVINO has started.
"""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dogbreed.settings")
application = get_wsgi_application()

# Only after Django is set up may a module be imported that reads its settings.
from dogbreed.model.bundle import BundleError  # noqa: E402
from dogbreed.model.classifier import default_classifier  # noqa: E402

try:
    default_classifier()
except BundleError as error:
    # The server starts all the same: the page and the documentation work, and a prediction answers 503.
    logging.getLogger(__name__).error("No model is served. %s", error)  # noqa: TRY400 - the sentence says it all
