"""A young person's own pages about bank details; they answer only where the council keeps them here."""

from django.urls import URLPattern, URLResolver, path

from portal.finance import bank_views

app_name = "bank"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", bank_views.mine, name="mine"),
    path("check/", bank_views.check, name="check"),
    path("take-back/", bank_views.take_back, name="take_back"),
    path("<slug:step>/", bank_views.step, name="step"),
]
