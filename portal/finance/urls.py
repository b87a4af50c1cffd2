"""Addresses of this room, under /desk/finance/."""

from django.urls import path

from portal.finance import staff_views

app_name = "finance"
urlpatterns = [
    path("", staff_views.waiting, name="waiting"),
    path("batches/", staff_views.batches, name="batches"),
    path("batches/make/", staff_views.make_batch, name="make_batch"),
    path("batches/<slug:ref>/", staff_views.batch, name="batch"),
    path("batches/<slug:ref>/file/", staff_views.batch_file, name="batch_file"),
    path("remittances/", staff_views.remittances, name="remittances"),
    path("remittances/<slug:ref>/", staff_views.remittance, name="remittance"),
    path("remittances/<slug:ref>/<int:number>/", staff_views.line, name="line"),
    path("hand-over/<str:ref>/", staff_views.hand_over, name="hand_over"),
    path("unmatched/", staff_views.unmatched, name="unmatched"),
]
