"""Addresses that stand in mails."""

from django.urls import path, re_path

from crm.reports import views

urlpatterns = [
    path("preferences/<str:token>/", views.preferences, name="report_preferences"),
    path("runs/<int:pk>/", views.run, name="report_run"),
    re_path(
        r"^runs/(?P<pk>\d+)/report\.(?P<kind>pdf|xlsx)$",
        views.run_file,
        name="report_file",
    ),
]
