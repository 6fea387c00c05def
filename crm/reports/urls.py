"""Addresses that stand in mails, and pages that the admin leads to."""

from django.urls import path, re_path

from crm.reports.views import calendar, mails, preferences, runs

urlpatterns = [
    path(
        "preferences/<str:token>/", preferences.preferences, name="report_preferences"
    ),
    path("runs/<int:pk>/", runs.run, name="report_run"),
    re_path(
        r"^runs/(?P<pk>\d+)/report\.(?P<kind>pdf|xlsx)$",
        runs.run_file,
        name="report_file",
    ),
    path("runs/<int:pk>/changes/", runs.difference, name="report_difference"),
    path("subscriptions/<int:pk>/preview/", runs.preview, name="report_preview"),
    re_path(
        r"^deliveries/(?P<pk>\d+)/mail\.(?P<form>html|eml)$",
        mails.delivered,
        name="report_mail",
    ),
    path("calendar/", calendar.calendar, name="report_calendar"),
    path("mails/", mails.folder, name="report_mails"),
    re_path(
        r"^mails/(?P<name>[\w.@+-]+)\.(?P<form>html|eml)$",
        mails.in_folder,
        name="report_stored_mail",
    ),
]
