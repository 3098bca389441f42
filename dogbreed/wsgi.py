"""The server's entry point: `gunicorn dogbreed.wsgi`.

Loads the model once in each process, so that the first visitor does not wait for it, and then follows promotions. Leave
gunicorn's `--preload` off: a fork copies none of the threads that OpenVINO has started.
"""

import gc
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from django.conf import settings

from dogbreed.connections.application import application as make_application
from dogbreed.error_reports import report_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dogbreed.settings")
report_errors(settings.SENTRY_DSN)  # it observes what is set up after it
application = make_application()

# Modules that read Django's settings can be imported only after Django is set up.
from dogbreed.model.bundle import BundleError  # noqa: E402
from dogbreed.model.classifier import default_classifier, follow_promotions  # noqa: E402

with ThreadPoolExecutor(1) as pool:
    loading = pool.submit(default_classifier)
    import_module(settings.ROOT_URLCONF)  # meanwhile all views, which Django would import for the first request
try:
    loading.result()
except BundleError as error:
    # The server starts anyway: the page and the documentation work, and predictions are answered with 503.
    logging.getLogger(__name__).error("No model is served. %s", error)  # noqa: TRY400 - the sentence is enough
gc.freeze()  # what is loaded stays: searching it for garbage again and again would delay answers
follow_promotions()
