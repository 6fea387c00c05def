"""Where each address leads: admin, API, language; health is answered before (crm.web.health)."""

from django.contrib import admin
from django.urls import include, path, re_path

from crm.accounts import api as accounts
from crm.accounts import views as people
from crm.home import views as home
from crm.journal import api as journal
from crm.rates import api as rates
from crm.reports import api as reports
from crm.watch import api as watch
from crm.web.api import pages
from crm.webhooks import api as webhooks
from deals import api as deals
from partners import api as partners
from partners.ai import api as ai
from partners.usage import api as usage

api_v1 = [
    *accounts.urlpatterns,
    *journal.urlpatterns,
    *rates.urlpatterns,
    *partners.urlpatterns,
    *deals.urlpatterns,
    *ai.urlpatterns,
    *usage.urlpatterns,
    *reports.urlpatterns,
    *watch.urlpatterns,
    *webhooks.urlpatterns,
]

urlpatterns = [
    path("", home.root, name="root"),
    path("language/", home.choose_language, name="set_language"),
    path("people/", include("crm.accounts.urls")),
    path("reports/", include("crm.reports.urls")),
    path(  # the login page shows its link when this name exists
        "admin/password_reset/",
        people.AskPasswordReset.as_view(),
        name="admin_password_reset",
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_v1)),
    path("api/oauth/", include(accounts.oauth_patterns)),
    path("api/schema/", pages.Schema.as_view(), name="api-schema"),
    path("api/docs/", pages.swagger, name="api-docs"),
    path("api/redoc/", pages.redoc, name="api-redoc"),
    path("api/redoc/redoc.js", pages.redoc_script, name="api-redoc-script"),
    re_path(r"^api/", pages.NothingHere.as_view()),
]

handler400 = "crm.web.views.bad_request"
handler403 = "crm.web.views.permission_denied"
handler404 = "crm.web.views.page_not_found"
handler500 = "crm.web.views.server_error"
