"""The Django project, and every page behind sign-in."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
