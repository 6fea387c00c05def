"""What operations of the registry refuse, and what they leave alone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError, StaleVersionError
from partners import operations
from partners.models import (
    ActionItem,
    Cooperation,
    Partner,
    Risk,
)
from partners.operations import (
    Document,
    Suggestion,
    contacts,
    cooperations,
    import_jobs,
)
from partners.operations.locks import GoneRefusedError, lock
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
DAY = timedelta(days=1)
DUE = EARLY.date()


@pytest.fixture
def cooperation(ready: Ready) -> Cooperation:
    return ready()


@pytest.fixture
def closed(people: People, cooperation: Cooperation) -> Cooperation:
    return operations.move_stage(
        cooperation=cooperation,
        to=Stage.TERMINATED,
        by=people.vice,
        at=EARLY + DAY,
        reason="No budget",
        closing=operations.Closing(
            reason="no_budget", lessons="Ask earlier", commitments_settlement="None"
        ),
    )


def refused(act: Callable[[], Any]) -> str:
    """Return the code under which the act is refused."""
    with pytest.raises(DomainError) as refusal:
        act()
    return refusal.value.code


class TestActionItems:
    @pytest.fixture
    def item(self, people: People, cooperation: Cooperation) -> ActionItem:
        return operations.add_action_item(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"title": "Send the draft", "side": "ours", "due_on": DUE},
            by=people.anna,
            at=EARLY,
        )

    def edit(self, item: ActionItem, by: User, **values: Any) -> ActionItem:
        return operations.edit_action_item(item=item, values=values, by=by, at=EARLY)

    def test_change_while_they_are_open(self, people: People, item: ActionItem) -> None:
        assert self.edit(item, people.anna, title="Send it").title == "Send it"

        operations.complete_action_item(item=item, by=people.anna, at=EARLY)

        assert refused(lambda: self.edit(item, people.anna, title="X")) == "plan.closed"

    def test_are_reopened_only_when_closed(
        self, people: People, item: ActionItem
    ) -> None:
        def reopen() -> object:
            return operations.reopen_action_item(item=item, by=people.anna, at=EARLY)

        assert refused(reopen) == "plan.open"

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"title": " "}, "plan.incomplete"),
            ({"due_on": None}, "plan.incomplete"),
            ({"side": "nobody"}, "plan.side"),
            ({"side": "theirs"}, "plan.side"),
        ],
    )
    def test_name_what_does_not_fit(
        self, people: People, item: ActionItem, values: dict[str, Any], code: str
    ) -> None:
        assert refused(lambda: self.edit(item, people.anna, **values)) == code

    def test_name_people_of_the_partner(self, people: People, item: ActionItem) -> None:
        stranger = make.contact(make.partner(owner=people.anna))
        values = {"side": "theirs", "owner": None, "contact": stranger}

        assert (
            refused(lambda: self.edit(item, people.anna, **values)) == "plan.elsewhere"
        )

    def test_belong_to_a_cooperation_of_the_partner(
        self, people: People, cooperation: Cooperation
    ) -> None:
        def add() -> object:
            return operations.add_action_item(
                partner=make.partner(owner=people.anna),
                cooperation=cooperation,
                values={"title": "Send", "side": "ours", "due_on": DUE},
                by=people.anna,
                at=EARLY,
            )

        assert refused(add) == "plan.elsewhere"


class TestRisks:
    @pytest.fixture
    def risk(self, people: People, cooperation: Cooperation) -> Risk:
        return operations.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values={"title": "No chips", "severity": "high", "likelihood": "low"},
            by=people.anna,
            at=EARLY,
        )

    def test_are_judged_anew_while_they_are_open(
        self, people: People, risk: Risk
    ) -> None:
        def judge(**values: Any) -> Risk:
            return operations.edit_risk(
                risk=risk, values=values, by=people.anna, at=EARLY
            )

        assert judge(severity="low").severity == "low"
        assert refused(lambda: judge(title="")) == "plan.incomplete"
        assert refused(lambda: judge(likelihood="certain")) == "plan.level"
        operations.close_risk(risk=risk, reason="They came", by=people.anna, at=EARLY)
        assert refused(lambda: judge(severity="high")) == "plan.closed"

    def test_are_closed_once(self, people: People, risk: Risk) -> None:
        def close() -> object:
            return operations.close_risk(
                risk=risk, reason="They came", by=people.anna, at=EARLY
            )

        close()

        assert refused(close) == "plan.closed"


class TestCooperations:
    def edit(self, row: Cooperation, by: User, **values: Any) -> Cooperation:
        return cooperations.edit_cooperation(
            cooperation=row, values=values, by=by, at=EARLY + DAY
        )

    def test_stay_as_they_are_when_nothing_differs(
        self, people: People, cooperation: Cooperation
    ) -> None:
        same = self.edit(cooperation, people.anna, title=cooperation.title)

        assert same.version == cooperation.version

    def test_that_are_closed_are_read_only(
        self, people: People, closed: Cooperation
    ) -> None:
        assert (
            refused(lambda: self.edit(closed, people.anna, title="X"))
            == "cooperation.closed"
        )

    def test_say_what_the_database_refuses(
        self, people: People, cooperation: Cooperation
    ) -> None:
        with pytest.raises(cooperations.CooperationRefusedError, match="refused"):
            self.edit(cooperation, people.anna, expected_monthly_spend=Decimal(-1))

    def test_that_are_closed_do_not_rest(
        self, people: People, closed: Cooperation
    ) -> None:
        def rest() -> object:
            return operations.put_on_hold(
                cooperation=closed, reason="Budget", by=people.anna, at=EARLY + 2 * DAY
            )

        assert refused(rest) == "hold.closed"

    def test_that_are_gone_are_said_to_be(self, cooperation: Cooperation) -> None:
        gone = Cooperation(pk=cooperation.pk + 1_000)

        with pytest.raises(GoneRefusedError):
            lock(gone)

    def test_are_not_confirmed_by_a_move(self, people: People, ready: Ready) -> None:
        live = ready(stage=Stage.PRODUCTION)

        def move() -> object:
            return operations.move_stage(
                cooperation=live, to=Stage.PRODUCTION, by=people.vice, at=EARLY + DAY
            )

        assert refused(move) == "stage.not-allowed"


class TestContacts:
    def test_stay_as_they_are_when_nothing_differs(self, people: People) -> None:
        erika = make.contact(make.partner(owner=people.anna), "Erika")

        def edit(version: int) -> object:
            return contacts.edit_contact(
                contact=erika,
                values={"name": "Erika"},
                by=people.anna,
                at=EARLY,
                expected_version=version,
            )

        edit(erika.version)
        with pytest.raises(StaleVersionError):
            edit(erika.version + 1)

    @pytest.mark.parametrize(
        ("values", "code"),
        [({"email": "a@b.example"}, "contact.email-taken"), ({"name": ""}, None)],
    )
    def test_say_what_the_database_refuses(
        self, people: People, values: dict[str, str], code: str | None
    ) -> None:
        partner = make.partner(owner=people.anna)
        make.contact(partner, "Max", email="a@b.example")
        erika = make.contact(partner, "Erika")

        def edit() -> object:
            return contacts.edit_contact(
                contact=erika, values=values, by=people.anna, at=EARLY
            )

        assert refused(edit) == (code or "contact.nameless")

    def test_take_part_in_known_roles_only(
        self, people: People, cooperation: Cooperation
    ) -> None:
        erika = make.contact(cooperation.partner, "Erika")

        with pytest.raises(contacts.ContactRefusedError, match="no role"):
            contacts.assign_contact(
                cooperation=cooperation,
                contact=erika,
                role="king",
                by=people.anna,
                at=EARLY,
            )


class TestDocuments:
    def test_are_removed_once(self, people: People, cooperation: Cooperation) -> None:
        stored = operations.attach_document(
            partner=cooperation.partner,
            document=Document("a.txt", b"Minutes"),
            by=people.anna,
            at=EARLY,
        )

        def remove() -> object:
            return operations.remove_attachment(
                attachment=stored, reason="Wrong", by=people.anna, at=EARLY
            )

        remove()

        with pytest.raises(operations.AttachmentRefusedError, match="already"):
            remove()

    def test_leave_no_bytes_when_the_row_is_refused(
        self,
        people: People,
        cooperation: Cooperation,
        settings: Any,
        tmp_path: Any,
    ) -> None:
        settings.MEDIA_ROOT = str(tmp_path)

        with pytest.raises(Exception, match="too long"):
            operations.attach_document(
                partner=cooperation.partner,
                document=Document("a.txt", b"Minutes", purpose="p" * 300),
                by=people.anna,
                at=EARLY,
            )

        assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


class TestImportJobs:
    def test_look_again_at_a_short_sheet_at_once(self) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        batch = import_jobs.start_import(
            file_name="a.csv", content=b"Name\nOne\n", by=anna, at=EARLY
        )
        make.partner("One", owner=anna)
        Partner.objects.update(display_name="One")

        looked = import_jobs.look_again(batch=batch, by=anna, at=timezone.now())

        assert looked.status == "previewed"


def test_a_suggestion_for_a_closed_cooperation_is_not_kept(
    closed: Cooperation,
) -> None:
    suggestion = Suggestion(kind="gate_met", to="qualified", words="All is met.")

    found = operations.propose_move(
        cooperation=closed, suggestion=suggestion, at=EARLY + 2 * DAY
    )

    assert found is None
