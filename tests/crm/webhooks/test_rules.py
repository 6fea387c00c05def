"""What needs no database: signatures, retries, the size of a message."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from crm.journal.models import Event
from crm.webhooks import payloads, queries, retries, signing
from crm.webhooks.retries import Meaning

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


class TestSigning:
    def test_another_pepper_or_salt_is_another_secret(self) -> None:
        secret = signing.secret_of("salt", pepper="one")

        assert secret.startswith("whsec_")
        assert secret == signing.secret_of("salt", pepper="one")
        assert secret != signing.secret_of("salt", pepper="two")
        assert secret != signing.secret_of("other", pepper="one")

    @pytest.mark.parametrize("which", [0, 1])
    def test_every_secret_in_use_verifies(self, which: int) -> None:
        known = [signing.secret_of(salt, pepper="p") for salt in ("new", "old")]
        now = datetime.now(tz=UTC)

        made = signing.headers(
            b'{"a": 1}', message_id="msg_1", at=now, secrets_in_use=known
        )

        assert Webhook(known[which]).verify('{"a": 1}', made) == {"a": 1}

    def test_a_changed_body_and_an_old_message_do_not_verify(self) -> None:
        secret = signing.secret_of("salt", pepper="p")
        now = datetime.now(tz=UTC)
        fresh = signing.headers(b"{}", message_id="m", at=now, secrets_in_use=[secret])
        old = signing.headers(
            b"{}",
            message_id="m",
            at=now - timedelta(minutes=6),
            secrets_in_use=[secret],
        )

        for body, headers in (("[]", fresh), ("{}", old)):
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(body, headers)


class TestRetries:
    def test_are_ten_within_about_75_hours(self) -> None:
        pauses = [retries.pause_before(n, chance=0.5) for n in range(1, 12)]

        assert pauses[0] == timedelta(0)
        assert pauses[10] is None
        total = sum((pause for pause in pauses if pause is not None), timedelta(0))
        assert timedelta(hours=75) < total < timedelta(hours=76)

    def test_spread(self) -> None:
        early, late = (retries.pause_before(5, chance=chance) for chance in (0.0, 1.0))

        assert (early, late) == (timedelta(hours=1.8), timedelta(hours=2.2))

    @pytest.mark.parametrize(
        ("status", "headers", "meaning", "pause"),
        [
            (200, {}, Meaning.DELIVERED, 0),
            (204, {}, Meaning.DELIVERED, 0),
            (301, {"location": "https://example.com"}, Meaning.FAILED, 0),
            (400, {}, Meaning.FAILED, 0),
            (410, {}, Meaning.GONE, 0),
            (429, {"retry-after": "90"}, Meaning.THROTTLED, 90),
            (429, {}, Meaning.THROTTLED, 60),
            (500, {"retry-after": "7"}, Meaning.FAILED, 7),
            (502, {}, Meaning.THROTTLED, 60),
            (
                503,
                {"retry-after": "Mon, 02 Nov 2026 09:10:00 GMT"},
                Meaning.THROTTLED,
                600,
            ),
            (504, {"retry-after": "nonsense"}, Meaning.THROTTLED, 60),
            (504, {"retry-after": "9" * 30}, Meaning.THROTTLED, 86_400),
            (None, {}, Meaning.FAILED, 0),
        ],
    )
    def test_what_an_answer_means(
        self, status: int | None, headers: dict[str, str], meaning: Meaning, pause: int
    ) -> None:
        verdict = retries.judge(status, headers, at=AT, was_late=False)

        assert verdict.meaning is meaning
        assert verdict.pause == timedelta(seconds=pause)

    def test_a_silent_endpoint_is_left_alone_for_a_while(self) -> None:
        verdict = retries.judge(None, {}, at=AT, was_late=True)

        assert verdict.pause == retries.THROTTLE_PAUSE


class TestPayloads:
    def event(self, size: int) -> Event:
        return Event(
            pk=7,
            kind="partner.changed",
            subject_type="partners.partner",
            subject_id=3,
            at=AT,
            new={"name": "x" * size},
        )

    def test_say_what_happened(self) -> None:
        body = payloads.body_of(self.event(3)).decode()

        assert body.startswith(
            '{"type":"partner.changed","timestamp":"2026-11-02T09:00:00Z","data":{"id":7,'
        )
        assert '"new":{"name":"xxx"}' in body
        assert '"is_cut":false' in body

    @pytest.mark.parametrize(("size", "is_cut"), [(19_000, "false"), (20_000, "true")])
    def test_stay_below_20_kb(self, size: int, is_cut: str) -> None:
        body = payloads.body_of(self.event(size))

        assert len(body) < 20_000
        assert f'"is_cut":{is_cut}' in body.decode()


class TestKinds:
    @pytest.mark.parametrize(
        "kind", ["partner.changed", "partner.*", "deal.stage-moved"]
    )
    def test_known_forms(self, kind: str) -> None:
        assert queries.PATTERN.fullmatch(kind)

    @pytest.mark.parametrize("kind", ["", "*", "Partner.x", "partner.", ".x", "a.*.b"])
    def test_other_forms(self, kind: str) -> None:
        assert not queries.PATTERN.fullmatch(kind)
