"""The addresses of a server with the admin site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("api.urls"))]
