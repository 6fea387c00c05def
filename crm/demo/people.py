"""The demo's teams and people: one for every role, with one known password."""

from dataclasses import dataclass

PASSWORD = "partnership-demo-2026"  # noqa: S105 - known on purpose; refused in production


@dataclass(frozen=True, kw_only=True)
class DemoTeam:
    """One team; `parent` and `lead` name others of this page."""

    name: str
    parent: str | None
    lead: str


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """One person; the login is `<key>@demo.example`."""

    key: str
    name: str
    team: str
    roles: tuple[str, ...]
    language: str
    time_zone: str
    currency: str

    @property
    def email(self) -> str:
        return f"{self.key}@demo.example"


TEAMS = (
    DemoTeam(name="Strategic Alliances", parent=None, lead="victor"),
    DemoTeam(name="Alliances China", parent="Strategic Alliances", lead="dan"),
    DemoTeam(name="Alliances Europe", parent="Strategic Alliances", lead="diana"),
    DemoTeam(name="Alliances Asia Pacific", parent="Strategic Alliances", lead="carla"),
    DemoTeam(name="Automotive Europe", parent="Alliances Europe", lead="anna"),
)


def person(key: str, name: str, team: str, role: str, place: str) -> DemoPerson:
    language, time_zone, currency = PLACES[place]
    return DemoPerson(
        key=key,
        name=name,
        team=team,
        roles=(role,),
        language=language,
        time_zone=time_zone,
        currency=currency,
    )


PLACES = {
    "hangzhou": ("zh-hans", "Asia/Shanghai", "CNY"),
    "munich": ("en", "Europe/Berlin", "EUR"),
    "singapore": ("en", "Asia/Singapore", "USD"),
}

PEOPLE = (
    person("anna", "Anna Weber", "Automotive Europe", "alliance_manager", "munich"),
    person("ben", "Ben Fischer", "Automotive Europe", "alliance_manager", "munich"),
    person("lin", "林晓梅", "Alliances China", "alliance_manager", "hangzhou"),
    person(
        "carla", "Carla Tan", "Alliances Asia Pacific", "alliance_manager", "singapore"
    ),
    person("diana", "Diana Laurent", "Alliances Europe", "alliance_director", "munich"),
    person("dan", "邓志远", "Alliances China", "alliance_director", "hangzhou"),
    person("victor", "Victor Zhao", "Strategic Alliances", "executive", "hangzhou"),
    person("fiona", "Fiona Qian", "Strategic Alliances", "finance", "hangzhou"),
    person("leo", "Leo Brandt", "Strategic Alliances", "legal", "munich"),
    person("tao", "陶明", "Strategic Alliances", "technical_lead", "hangzhou"),
    person("mei", "梅雨桐", "Strategic Alliances", "model_team", "hangzhou"),
    person("ivan", "Ivan Petrov", "Strategic Alliances", "integration", "singapore"),
    person("audrey", "Audrey Klein", "Strategic Alliances", "auditor", "munich"),
    person("admin", "Alex Morgan", "Strategic Alliances", "administrator", "munich"),
)
