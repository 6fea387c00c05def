"""Addresses for people who are not logged in."""

from django.urls import path

from crm.accounts import views

app_name = "accounts"
urlpatterns = [
    path("invitation/", views.AcceptInvitation.as_view(), name="invitation-accept"),
    path("invitation/<str:text>/", views.open_invitation, name="invitation"),
    path("password/", views.AskPasswordReset.as_view(), name="password-reset"),
    path("password/asked/", views.password_reset_asked, name="password-reset-asked"),
    path(
        "password/choose/",
        views.ChooseNewPassword.as_view(),
        name="password-reset-choose",
    ),
    path("password/chosen/", views.password_chosen, name="password-chosen"),
    path(
        "password/<str:uidb64>/<str:token>/",
        views.open_password_reset,
        name="password-reset-confirm",
    ),
]
