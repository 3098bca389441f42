"""Photos of breeds that the operator provides (`DOGBREED_GALLERY`)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.gallery import listed_photos
from api.serializers.breed_photos import BreedPhotosSerializer
from api.serializers.represent import represent
from api.small_copies import shown_photos
from api.views.caching import revalidated
from api.views.schema import error
from dogbreed.freshness import FOREVER


@revalidated
class BreedPhotos(APIView):
    """Photos of a breed, with their authors and licences. `/api/model` says which breeds have some."""

    @extend_schema(operation_id="breedPhotos", responses={200: BreedPhotosSerializer, 404: error("not_found")})
    def get(self, request: Request, breed: str) -> Response:
        if not listed_photos(breed):
            raise Http404
        photos = [
            {**vars(photo), **vars(small), "url": reverse("breed-photo", args=[breed, small.digest])}
            for photo, small in shown_photos(breed)
        ]
        return Response(represent(BreedPhotosSerializer, {"breed": breed, "photos": photos}))


@method_decorator(conditional_page, name="dispatch")
class BreedPhoto(APIView):
    """A small copy of one of these photos. Its address contains a digest of it, so caches may keep it."""

    schema = None  # the list has its address; generators of clients know no JPEG

    def get(self, request: Request, breed: str, digest: str) -> HttpResponse:
        for _, small in shown_photos(breed):
            if small.digest == digest:
                return HttpResponse(small.jpeg, content_type="image/jpeg", headers={"Cache-Control": FOREVER})
        raise Http404

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Also for clients that accept images only: the renderers are for errors."""
        return super().perform_content_negotiation(request, force=True)
