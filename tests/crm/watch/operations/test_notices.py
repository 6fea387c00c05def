"""Alerts by mail: to whom they are owed, one mail each, nothing twice, nothing hidden told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox
from pytest_django.fixtures import Settings

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch.models import Alert, AlertChoice, AlertNotice, AlertRule
from crm.watch.operations import notices, rules
from crm.watch.rules import Subject
from partners.models import Cooperation
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
State = AlertNotice.State


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team())


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    partner = make.partner(owner=anna, team=anna.team, confidentiality="nda")
    return make.cooperation(partner, owner=anna, title="Cockpit")


def alert(cooperation: Cooperation, code: str = "stalled") -> Alert:
    made = Alert.objects.create(
        rule=AlertRule.objects.get(code=code),
        subject_type=Subject.COOPERATION,
        subject_id=cooperation.pk,
        subject_name=cooperation.title,
        partner=cooperation.partner,
        cooperation=cooperation,
        owner=cooperation.owner,
        code="too_long_in_stage",
        seen={"days": 400, "expected": 60},
        opened_at=NOW,
        seen_on=NOW.date(),
    )
    notices.owe(alerts=[made], at=NOW)
    return made


def wish(person: User, code: str, wished: str) -> None:
    rules.choose_alerts(person=person, wishes={code: wished}, by=person, at=NOW)


class TestOwe:
    def test_tells_the_owner_where_the_rule_says_so(
        self, anna: User, cooperation: Cooperation
    ) -> None:
        alert(cooperation)
        alert(cooperation, "usage_drop")

        assert [n.person for n in AlertNotice.objects.all()] == [anna]

    def test_asks_the_person_first(self, anna: User, cooperation: Cooperation) -> None:
        wish(anna, "stalled", AlertChoice.Wish.NOTHING)
        wish(anna, "usage_drop", AlertChoice.Wish.MINE)

        alert(cooperation)
        told = alert(cooperation, "usage_drop")

        assert AlertNotice.objects.get().alert == told
        assert str(anna.alert_choices.get(wish="mine")).endswith(": mine")


class TestSend:
    def test_is_one_mail_for_everything(
        self, anna: User, cooperation: Cooperation
    ) -> None:
        wish(anna, "usage_drop", AlertChoice.Wish.ALL)
        alert(cooperation)
        alert(cooperation, "usage_drop")

        assert notices.due_people(at=NOW) == [anna.pk]
        assert notices.send_due(person_id=anna.pk, at=NOW) == 2
        assert notices.send_due(person_id=anna.pk, at=NOW) == 0

        (sent,) = outbox.outbox
        assert "2 things need somebody" in sent.subject
        assert "400 days in stage, expected are 60." in sent.body
        assert not AlertNotice.objects.exclude(state=State.SENT).exists()

    def test_tells_nobody_what_they_may_not_see(self, cooperation: Cooperation) -> None:
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())
        wish(carla, "stalled", AlertChoice.Wish.ALL)
        alert(cooperation)

        assert notices.send_due(person_id=carla.pk, at=NOW) == 0

        assert outbox.outbox == []
        assert carla.alert_notices.get().state == State.SKIPPED

    def test_speaks_the_reader_s_language(self, cooperation: Cooperation) -> None:
        lin = make.user(Role.AUDITOR, language="zh-hans")
        wish(lin, "stalled", AlertChoice.Wish.ALL)
        alert(cooperation)

        notices.send_due(person_id=lin.pk, at=NOW)

        assert "已在本阶段 400 天" in outbox.outbox[0].body

    @pytest.mark.enable_socket
    def test_is_tried_again_later_when_the_server_refuses(
        self, anna: User, cooperation: Cooperation, settings: Settings
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        alert(cooperation)

        assert notices.send_due(person_id=anna.pk, at=NOW) == 0

        notice = AlertNotice.objects.get()
        assert (notice.state, notice.attempts) == (State.DUE, 1)
        assert notice.due_at == NOW + notices.PAUSE

    def test_is_not_sent_again_when_its_end_is_in_doubt(
        self, anna: User, cooperation: Cooperation
    ) -> None:
        alert(cooperation)
        AlertNotice.objects.update(state=State.SENDING, claimed_at=NOW)
        later = NOW + timedelta(hours=1)

        assert notices.send_due(person_id=anna.pk, at=later) == 0
        assert notices.in_doubt(at=later).count() == 1


class TestChoose:
    def test_is_for_oneself(self, anna: User) -> None:
        other = make.user()

        with pytest.raises(rules.WatchRefusedError, match="themselves"):
            rules.choose_alerts(person=anna, wishes={}, by=other, at=NOW)

    @pytest.mark.parametrize("wishes", [{"nonsense": "all"}, {"stalled": "sometimes"}])
    def test_names_what_is_unknown(self, anna: User, wishes: dict[str, str]) -> None:
        with pytest.raises(rules.WatchRefusedError, match=r"nonsense|sometimes"):
            rules.choose_alerts(person=anna, wishes=wishes, by=anna, at=NOW)

        assert not AlertChoice.objects.exists()
