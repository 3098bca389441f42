"""The addresses of the site. whitenoise serves the built page before any of these is tried."""

from django.conf import settings
from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

handler400 = "api.exceptions.bad_request"
handler500 = "api.exceptions.server_error"


def page(request: HttpRequest) -> HttpResponseBase:
    """The page at its addresses other than `/`: the same file, which reads the address itself."""
    index = settings.FRONTEND_DIST / "index.html"
    if not index.is_file():
        return page_is_not_built(request)
    return FileResponse(index.open("rb"), headers={"Cache-Control": "no-cache"})


def page_is_not_built(request: HttpRequest) -> HttpResponse:
    """The answer at `/` where `frontend/dist` is missing."""
    return HttpResponse(
        "<!doctype html><title>Dogbreed</title><p>The page is not built yet: run <code>npm install</code> and "
        '<code>npm run build</code>, then start the server again, or use the API at <a href="/api/">/api/</a>.'
    )


@csrf_exempt
def share(request: HttpRequest) -> HttpResponse:
    """The service worker takes photos shared with the installed page. Without it they are lost; the page says so."""
    return HttpResponseRedirect("/?shared", status=303)


urlpatterns = [
    path("", page_is_not_built),
    path("share", share),
    re_path(r"^(?:history|model|answers/[^/]+)/?$", page),
    path("", include("api.urls")),
]
if settings.DOGBREED_ADMIN:
    urlpatterns.append(path("admin/", admin.site.urls))
