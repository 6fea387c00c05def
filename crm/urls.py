"""Where each address leads: admin, API, language; health is answered before (crm.web.health)."""

from django.contrib import admin
from django.urls import path

from crm.home import views as home

urlpatterns = [
    path("", home.root, name="root"),
    path("language/", home.choose_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "crm.web.views.bad_request"
handler403 = "crm.web.views.permission_denied"
handler404 = "crm.web.views.page_not_found"
handler500 = "crm.web.views.server_error"
