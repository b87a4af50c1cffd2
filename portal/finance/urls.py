"""Addresses of this room, under /desk/finance/."""

from django.urls import path

from portal.finance import bank_staff_views, staff_views

app_name = "finance"
urlpatterns = [
    path("", staff_views.waiting, name="waiting"),
    path("batches/", staff_views.batches, name="batches"),
    path("batches/make/", staff_views.make_batch, name="make_batch"),
    path("batches/<slug:ref>/", staff_views.batch, name="batch"),
    path("batches/<slug:ref>/file/", staff_views.batch_file, name="batch_file"),
    path("batches/<slug:ref>/call-off/", staff_views.call_off, name="call_off"),
    path("returns/", staff_views.returns, name="returns"),
    path("payees/", staff_views.payees, name="payees"),
    path("payees/<slug:ref>/end/", staff_views.end_payee, name="end_payee"),
    path("bank/", bank_staff_views.waiting, name="bank"),
    path("bank/<slug:ref>/", bank_staff_views.call, name="bank_call"),
    path("budget/", staff_views.budget, name="budget"),
    path("pay-to/<str:ref>/", staff_views.pay_to, name="pay_to"),
    path("remittances/", staff_views.remittances, name="remittances"),
    path("remittances/<slug:ref>/", staff_views.remittance, name="remittance"),
    path("remittances/<slug:ref>/<int:number>/", staff_views.line, name="line"),
    path("hand-over/<str:ref>/", staff_views.hand_over, name="hand_over"),
    path("unmatched/", staff_views.unmatched, name="unmatched"),
]
