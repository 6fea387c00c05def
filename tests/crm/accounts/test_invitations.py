"""Invitations: mailed once, used once, for seven days."""

import re
import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from crm.accounts import operations, tasks
from crm.accounts.models import Invitation, User
from crm.accounts.roles import Role
from crm.core.mail import MailNotSentError
from crm.journal.models import Event, PersonalValue
from tests import make

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PASSWORD = "a fine long sentence"
WEEK = timedelta(days=7)


def invite(**changed: Any) -> Invitation:
    arguments: dict[str, Any] = {
        "email": "New@Example.com",
        "name": "Neo",
        "roles": [Role.LEGAL],
        "by": None,
        "at": NOW,
        **changed,
    }
    return operations.invite_person(**arguments)


def mailed_link(invitation: Invitation, *, at: datetime = NOW) -> str:
    """Send the mail and return the secret part of its link."""
    assert operations.send_invitation(invitation_id=invitation.pk, at=at)
    text = str(mail.outbox[-1].body)
    return next(line for line in text.splitlines() if "/people/invitation/" in line)


def away(*_: object) -> int:
    raise smtplib.SMTPServerDisconnected


def secret_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


class TestInvitePerson:
    def test_makes_somebody_who_is_not_active_yet(self) -> None:
        team = make.team()

        person = invite(team=team, language="zh-hans").person

        assert (person.is_active, person.has_usable_password()) == (False, False)
        assert (person.team, person.language) == (team, "zh-hans")
        assert [group.name for group in person.groups.all()] == [Role.LEGAL]

    def test_asks_for_the_mail_after_commit(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            invite()

        assert len(callbacks) == 1

    def test_keeps_name_and_address_apart_in_the_journal(self) -> None:
        person = invite().person

        event = Event.objects.get(kind="person.invited", subject_id=person.pk)
        assert "example.com" not in str(event.new)
        assert PersonalValue.objects.filter(event=event).count() == 2

    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "x"},
            {"email": "ANNA@example.com"},
            {"name": ""},
            {"language": "de"},
        ],
        ids=str,
    )
    def test_refuses_nonsense(self, wrong: dict[str, str]) -> None:
        make.user(email="anna@example.com")

        with pytest.raises(operations.ProfileInputError):
            invite(**wrong)
        assert User.objects.count() == 1

    def test_refuses_an_unknown_role(self) -> None:
        with pytest.raises(operations.RoleInputError):
            invite(roles=["king"])

    def test_is_for_administrators(self) -> None:
        with pytest.raises(operations.AdministratorOnlyRefusedError):
            invite(by=make.user(Role.ALLIANCE_DIRECTOR))
        assert invite(by=make.administrator()).invited_by is not None


class TestSendInvitation:
    def test_mails_text_and_html_in_the_persons_language(self) -> None:
        invitation = invite(by=make.administrator(), language="zh-hans")

        link = mailed_link(invitation)

        letter = mail.outbox[0]
        assert letter.to == ["Neo <New@example.com>"]
        assert "邀请" in letter.subject
        assert "\n" not in letter.subject
        html = str(letter.alternatives[0].content)  # type: ignore[attr-defined]  # an e-mail with alternatives
        assert f'href="{link}"' in html

    def test_twice_sends_one_mail(self) -> None:
        invitation = invite()
        sent = [
            operations.send_invitation(invitation_id=invitation.pk, at=NOW)
            for _ in range(2)
        ]

        assert sent == [True, False]
        assert len(mail.outbox) == 1

    def test_keeps_no_secret(self) -> None:
        invitation = invite()
        secret = secret_of(mailed_link(invitation)).split(".")[1]

        assert secret not in str(Invitation.objects.values())
        assert secret not in str(list(Event.objects.values()))

    def test_that_the_server_refuses_stays_due(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invitation = invite()

        with monkeypatch.context() as patch:
            patch.setattr(EmailBackend, "send_messages", away)
            with pytest.raises(MailNotSentError):
                operations.send_invitation(invitation_id=invitation.pk, at=NOW)
        later = NOW + timedelta(minutes=6)

        assert list(Invitation.objects.due()) == [invitation]
        assert operations.send_invitation(invitation_id=invitation.pk, at=later)

    def test_claimed_by_a_run_that_died_is_free_after_its_lease(self) -> None:
        invitation = invite()
        Invitation.objects.update(mailing_until=NOW + timedelta(minutes=5))
        later = NOW + timedelta(minutes=5, microseconds=1)

        assert not operations.send_invitation(
            invitation_id=invitation.pk, at=NOW + timedelta(minutes=5)
        )
        assert operations.send_invitation(invitation_id=invitation.pk, at=later)

    def test_is_found_by_the_tick_when_the_message_was_lost(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        invite()
        sent = invite(email="sent@example.com")
        operations.send_invitation(invitation_id=sent.pk, at=timezone.now())

        with django_capture_on_commit_callbacks() as callbacks:
            tasks.send_due_invitations()

        assert len(callbacks) == 1

    def test_task_sends(self) -> None:
        tasks.send_invitation(invitation_id=invite().pk, future_argument=1)

        assert len(mail.outbox) == 1


class TestAcceptInvitation:
    def test_lets_the_person_in_once(self) -> None:
        invitation = invite()
        text = secret_of(mailed_link(invitation))

        person = operations.accept_invitation(text=text, password=PASSWORD, at=NOW)

        assert person.is_active
        assert person.check_password(PASSWORD)
        assert Event.objects.get(kind="person.joined").by_id == person.pk
        with pytest.raises(operations.InvitationRefusedError):
            operations.accept_invitation(text=text, password=PASSWORD, at=NOW)

    def test_refuses_a_weak_password_and_stays_open(self) -> None:
        text = secret_of(mailed_link(invite()))

        with pytest.raises(operations.PasswordInputError):
            operations.accept_invitation(text=text, password="short", at=NOW)
        person = operations.accept_invitation(text=text, password=PASSWORD, at=NOW)
        assert person.is_active

    def test_lasts_seven_days_from_the_mail(self) -> None:
        invitation = invite()
        sent_at = NOW + timedelta(days=1)
        text = secret_of(mailed_link(invitation, at=sent_at))
        end = sent_at + WEEK

        just_before = end - timedelta(microseconds=1)
        assert operations.find_invitation(text=text, at=just_before) == invitation
        with pytest.raises(operations.InvitationRefusedError):
            operations.accept_invitation(text=text, password=PASSWORD, at=end)

    def test_refuses_after_revocation(self) -> None:
        invitation = invite()
        text = secret_of(mailed_link(invitation))
        operations.revoke_invitation(invitation=invitation, by=None, at=NOW)

        with pytest.raises(operations.InvitationRefusedError):
            operations.accept_invitation(text=text, password=PASSWORD, at=NOW)

    def test_sent_again_makes_the_older_link_worthless(self) -> None:
        first = invite()
        older = secret_of(mailed_link(first))

        second = operations.invite_again(person=first.person, by=None, at=NOW)
        newer = secret_of(mailed_link(second))

        with pytest.raises(operations.InvitationRefusedError):
            operations.accept_invitation(text=older, password=PASSWORD, at=NOW)
        person = operations.accept_invitation(text=newer, password=PASSWORD, at=NOW)
        assert person.is_active

    @pytest.mark.parametrize(
        "text", ["", ".", "1", "x.y", "9" * 30 + ".x", "²³.x", "-1.x", "0."]
    )
    def test_refuses_what_is_no_link(self, text: str) -> None:
        invite()

        with pytest.raises(operations.InvitationRefusedError):
            operations.accept_invitation(text=text, password=PASSWORD, at=NOW)

    def test_refuses_an_invitation_whose_mail_never_went_out(self) -> None:
        invitation = invite()

        with pytest.raises(operations.InvitationRefusedError):
            operations.find_invitation(text=f"{invitation.pk}.", at=NOW)


class TestInviteAgain:
    def test_is_refused_for_whoever_has_joined_or_left(self) -> None:
        for person in (make.user(), make.user(is_active=False)):
            User.objects.filter(pk=person.pk, is_active=False).update(
                deactivated_at=NOW
            )
            with pytest.raises(operations.InvitationRefusedError):
                operations.invite_again(person=person, by=None, at=NOW)

    def test_an_accepted_one_cannot_be_revoked(self) -> None:
        invitation = invite()
        text = secret_of(mailed_link(invitation))
        operations.accept_invitation(text=text, password=PASSWORD, at=NOW)

        with pytest.raises(operations.InvitationRefusedError):
            operations.revoke_invitation(invitation=invitation, by=None, at=NOW)

    def test_revoked_twice_is_revoked_once(self) -> None:
        invitation = invite()
        for at in (NOW, NOW + timedelta(days=1)):
            operations.revoke_invitation(invitation=invitation, by=None, at=at)

        invitation.refresh_from_db()
        assert invitation.revoked_at == NOW
        assert Event.objects.filter(kind="person.invitation-revoked").count() == 1


class TestDatabase:
    def test_keeps_one_open_invitation_per_person(self) -> None:
        invitation = invite()
        person = invitation.person
        times = {"asked_at": NOW, "expires_at": NOW + WEEK}

        Invitation.objects.create(person=person, accepted_at=NOW, **times)
        with (
            pytest.raises(IntegrityError, match="invitation_one_open_per_person"),
            transaction.atomic(),
        ):
            Invitation.objects.create(person=person, **times)

    def test_refuses_one_both_accepted_and_revoked(self) -> None:
        with pytest.raises(IntegrityError, match="invitation_accepted_or_revoked"):
            Invitation.objects.filter(pk=invite().pk).update(
                accepted_at=NOW, revoked_at=NOW
            )

    def test_refuses_one_that_ends_before_it_begins(self) -> None:
        with pytest.raises(IntegrityError, match="invitation_expires_after_asking"):
            Invitation.objects.filter(pk=invite().pk).update(expires_at=NOW)

    def test_refuses_an_active_person_who_left(self) -> None:
        with pytest.raises(IntegrityError, match="user_deactivated_is_not_active"):
            User.objects.filter(pk=make.user().pk).update(deactivated_at=NOW)


class TestPages:
    def test_lead_from_the_link_to_the_login(self) -> None:
        link = mailed_link(invite(), at=timezone.now())
        client = Client()

        first = client.get("/" + link.split("/", 3)[3])
        assert first.headers["Location"] == "/people/invitation/"
        page = client.get("/people/invitation/")
        assert "New@example.com" in page.text
        assert re.search(r"<button[^>]*>\s*Join\s*</button>", page.text)
        done = client.post(
            "/people/invitation/", {"password": PASSWORD, "again": PASSWORD}
        )
        assert done.status_code == 302
        assert client.get(done.headers["Location"]).status_code == 200
        answer = client.post(
            "/admin/login/", {"username": "new@example.com", "password": PASSWORD}
        )
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        ("typed", "reason"),
        [
            ({"password": PASSWORD, "again": "other"}, "differ"),
            ({"password": "short", "again": "short"}, "12 characters"),
            ({}, "required"),
        ],
    )
    def test_show_what_is_wrong_and_leave_the_person_out(
        self, typed: dict[str, str], reason: str
    ) -> None:
        link = mailed_link(invite(), at=timezone.now())
        client = Client()
        client.get("/" + link.split("/", 3)[3])

        answer = client.post("/people/invitation/", typed)

        assert reason in answer.text
        assert not User.objects.get().is_active

    def test_say_the_same_about_every_link_that_does_not_work(self) -> None:
        invite()
        for method in ("get", "post"):
            client = Client()
            client.get("/people/invitation/1.nonsense/")
            answer = getattr(client, method)(
                "/people/invitation/", {"password": PASSWORD, "again": PASSWORD}
            )
            assert answer.status_code == 410
            assert not User.objects.get().is_active
