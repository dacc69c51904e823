from django.apps import AppConfig


class BoroughsConfig(AppConfig):
    name = "boroughs"
    default_auto_field = "django.db.models.BigAutoField"
