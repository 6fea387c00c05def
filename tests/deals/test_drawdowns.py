"""How usage drains commitments: cases computed by hand, and what always holds."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals import drawdowns
from deals.drawdowns import Flow, Interval, Line, Pot

D = Decimal
START, END = date(2025, 1, 1), date(2026, 1, 1)


def pot(number: int, amount: D | int, **fields: object) -> Pot:
    values: dict[str, object] = {
        "family": "money",
        "measure": "billed EUR",
        "start_on": START,
        "end_on": END,
    }
    return Pot(commitment_id=number, amount=D(amount), **{**values, **fields})  # type: ignore[arg-type]  # told by name


def flow(day: date, *amounts: int | D | None, delivery: int = 1) -> Flow:
    """Return a flow; the n-th amount is what commitment n counts."""
    return Flow(
        day=day,
        delivery_id=delivery,
        amounts={
            number: D(amount)
            for number, amount in enumerate(amounts, start=1)
            if amount is not None
        },
    )


MAY, JUNE = date(2025, 5, 9), date(2025, 6, 9)


class TestStartsOf:
    @pytest.mark.parametrize(
        ("interval", "start", "end", "count", "second"),
        [
            (Interval.DAILY, date(2024, 2, 28), date(2024, 3, 2), 3, date(2024, 2, 29)),
            (Interval.WEEKLY, date(2025, 1, 1), date(2025, 1, 15), 2, date(2025, 1, 8)),
            (
                Interval.MONTHLY,
                date(2025, 1, 31),
                date(2025, 4, 30),
                3,
                date(2025, 2, 28),
            ),
            (Interval.QUARTERLY, START, END, 4, date(2025, 4, 1)),
            (Interval.SEMI_ANNUAL, START, END, 2, date(2025, 7, 1)),
            (
                Interval.ANNUAL,
                date(2024, 2, 29),
                date(2026, 2, 28),
                2,
                date(2025, 2, 28),
            ),
        ],
    )
    def test_begin_as_the_calendar_says(
        self, interval: str, start: date, end: date, count: int, second: date
    ) -> None:
        starts = drawdowns.starts_of(interval, start_on=start, end_on=end)

        assert (len(starts), starts[1]) == (count, second)
        assert drawdowns.fits(interval, start_on=start, end_on=end)

    def test_of_the_whole_term_is_one(self) -> None:
        found = drawdowns.starts_of(Interval.FULL_PERIOD, start_on=START, end_on=END)

        assert found == [START]

    def test_do_not_fit_a_broken_term(self) -> None:
        assert not drawdowns.fits(
            Interval.QUARTERLY, start_on=START, end_on=date(2025, 5, 1)
        )


class TestAllocate:
    def test_draws_the_first_then_the_second_then_overage(self) -> None:
        lines = drawdowns.allocate(
            [pot(1, 100), pot(2, 50)], [flow(MAY, 90, 90), flow(JUNE, 90, 90)]
        )

        assert lines[1, 1, date(2025, 5, 1)] == Line(counted=D(90))
        assert lines[1, 1, date(2025, 6, 1)] == Line(counted=D(10))
        assert lines[2, 1, date(2025, 6, 1)] == Line(counted=D(50), overage=D(30))

    def test_passes_the_same_share_on_in_another_measure(self) -> None:
        second = pot(2, 1000, measure="effective USD")

        lines = drawdowns.allocate([pot(1, 25), second], [flow(MAY, 100, 80)])

        assert lines[2, 1, date(2025, 5, 1)].counted == D(60)

    def test_counts_once_in_each_family(self) -> None:
        tokens = pot(2, 1000, family="Tokens", measure="Tokens")

        lines = drawdowns.allocate([pot(1, 100), tokens], [flow(MAY, 10, 700)])

        assert lines[1, 1, date(2025, 5, 1)].counted == D(10)
        assert lines[2, 1, date(2025, 5, 1)].counted == D(700)

    def test_gives_back_overage_first_then_the_later_commitment(self) -> None:
        first, second = pot(1, 100), pot(2, 50)

        drawdowns.allocate([first, second], [flow(MAY, 170, 170), flow(JUNE, -80, -80)])

        assert (first.drawn, second.drawn, second.overage) == (D(90), D(0), D(0))

    def test_leaves_days_outside_the_term_alone(self) -> None:
        lines = drawdowns.allocate(
            [pot(1, 100)], [flow(START - timedelta(days=1), 5), flow(END, 5)]
        )

        assert lines == {}

    def test_caps_each_interval_by_itself(self) -> None:
        starts = drawdowns.starts_of("monthly", start_on=START, end_on=END)
        one = pot(1, 1200, interval_amount=D(100), starts=starts)

        lines = drawdowns.allocate([one], [flow(MAY, 130), flow(JUNE, 40)])

        assert lines[1, 1, date(2025, 5, 1)] == Line(counted=D(100), overage=D(30))
        lost = drawdowns.expiries(one, since=MAY.replace(day=1), until=date(2025, 7, 1))
        assert lost == {date(2025, 6, 1): D(60)}

    def test_cuts_lines_at_intervals_within_a_month(self) -> None:
        start = date(2025, 1, 15)
        starts = drawdowns.starts_of("monthly", start_on=start, end_on=END)
        one = pot(1, 1200, start_on=start, interval_amount=D(100), starts=starts)

        lines = drawdowns.allocate(
            [one], [flow(date(2025, 3, 14), 1), flow(date(2025, 3, 15), 2)]
        )

        assert sorted(key[2] for key in lines) == [date(2025, 3, 1), date(2025, 3, 15)]


AMOUNTS = st.decimals("-1000", "5000", places=18)
DAYS = st.integers(0, 364).map(lambda number: START + timedelta(days=number))
FLOWS = st.lists(
    st.builds(
        lambda day, amount, delivery: flow(day, amount, amount, delivery=delivery),
        DAYS,
        AMOUNTS,
        st.integers(1, 4),
    ),
    max_size=25,
).map(lambda flows: sorted(flows, key=lambda one: one.day))


class TestAlways:
    @given(flows=FLOWS, first=st.integers(1, 9000), second=st.integers(1, 9000))
    def test_counted_and_overage_are_what_was_eligible(
        self, flows: list[Flow], first: int, second: int
    ) -> None:
        lines = drawdowns.allocate([pot(1, first), pot(2, second)], flows)

        told = sum((line.eligible for line in lines.values()), D(0))
        assert told == sum((one.amounts[1] for one in flows), D(0))

    @given(flows=FLOWS, first=st.integers(1, 9000), second=st.integers(1, 9000))
    def test_nothing_is_drawn_beyond_its_amount(
        self, flows: list[Flow], first: int, second: int
    ) -> None:
        pots = [pot(1, first), pot(2, second)]

        drawdowns.allocate(pots, flows)

        assert all(one.drawn <= one.amount for one in pots)
        assert all(one.overage >= 0 for one in pots)

    @given(flows=FLOWS, cut=DAYS, amount=st.integers(1, 9000))
    def test_telling_in_two_parts_is_telling_at_once(
        self, flows: list[Flow], cut: date, amount: int
    ) -> None:
        whole, parts = [pot(1, amount), pot(2, 500)], [pot(1, amount), pot(2, 500)]

        drawdowns.allocate(whole, flows)
        drawdowns.allocate(parts, [one for one in flows if one.day < cut])
        drawdowns.allocate(parts, [one for one in flows if one.day >= cut])

        assert [(p.drawn, p.overage) for p in parts] == [
            (p.drawn, p.overage) for p in whole
        ]
