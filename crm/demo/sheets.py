"""Sheets of the demo: contacts that were imported, and leads that wait to be looked at."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from crm.accounts.models import User
from partners.mapping import Target
from partners.models import Partner
from partners.operations import imports

LEADS = """Account Name,Account ID,Website,Billing Country,Industry,Account Owner
BMW Group,0015g00000Xa1,bmwgroup.com,DE,Automotive,Anna Weber
Havelauer Energie,0015g00000Xa2,havelauer.example,DE,Utilities,Ben Fischer
Santorino Foods,0015g00000Xa3,santorino.example,IT,Consumer Goods,
Ostkap Shipping,0015g00000Xa4,ostkap.example,Atlantis,Shipping,Carla Tan
,0015g00000Xa5,nameless.example,FR,Media,
"""
PEOPLE = """Full name,Job title,Email,Website,Role
"""
INVITED = (("Ida Moser", "Head of procurement"), ("Paul Vogt", "Counsel"))


def bring(*, cast: Mapping[str, User], at: datetime) -> None:
    """Import a sheet of contacts, and upload one of leads that nobody has committed yet."""
    anna = cast["anna"]
    mine = Partner.objects.live().filter(owner=anna, domains__is_primary=True)
    partner, domain = mine.order_by("pk").values_list("pk", "domains__domain")[0]
    lines = [
        f"{name},{title},{name.split()[0].lower()}.{partner}@{domain},{domain},procurement"
        for name, title in INVITED
    ]
    batch = imports.preview_import(
        file_name="summit-guests.csv",
        content=(PEOPLE + "\n".join(lines)).encode(),
        by=anna,
        at=at - timedelta(days=12),
        target=Target.CONTACTS,
    )
    imports.commit_import(batch=batch, by=anna, at=at - timedelta(days=12))
    imports.preview_import(
        file_name="leads-of-the-fair.csv",
        content=LEADS.encode(),
        by=anna,
        at=at - timedelta(hours=3),
        target=Target.PARTNERS,
    )
