from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "tests.gallery"
    label = "gallery"
