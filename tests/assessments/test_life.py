"""Each step of a health check's life: by whom, from which state, in the portal and in the database itself."""

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments import actions
from assessments.actions import cycles
from assessments.models import STEPS, HealthCheck
from cdrp_portal.history import changes_of
from tests import factories
from tests.assessments.grid import make_cycle, make_framework
from tests.assessments.lives import State, cell, dates_of, make_check

pytestmark = pytest.mark.django_db

WITH_THE_HEAD = {"submitted", "moderated"}
NOT_SIGNED_OFF = {"draft", "returned", "submitted", "moderated"}
# Each step as DESIGN's life has it: whose it is, and from which state to which.
ITS_STEPS = {
    "submit": {"draft submitted", "returned submitted"},
    "withdraw": {"submitted draft"},
    "return_to_officer": {"submitted returned", "moderated returned"},
    "mark_moderated": {"submitted moderated"},
    "moderate_again": {"moderated submitted"},
    "sign_off": {"submitted signed_off", "moderated signed_off"},
    "reopen": {"signed_off returned"},
}
# What is done to one rating, and in which states.
ITS_STATES = {
    "save_rating": {"draft", "returned"},
    "moderate_rating": WITH_THE_HEAD,
    "undo_moderation": WITH_THE_HEAD,
    "flag_rating": WITH_THE_HEAD,
    "unflag_rating": WITH_THE_HEAD,
    "write_comment": NOT_SIGNED_OFF,
    "resolve_thread": NOT_SIGNED_OFF,
    "reopen_thread": NOT_SIGNED_OFF,
}
BY_OFFICER_TOO = {"submit", "withdraw", "save_rating", "write_comment", "resolve_thread", "reopen_thread"}
ACTIONS = [*ITS_STEPS, *ITS_STATES]
PEOPLE = ["epo", "stand_in", "other_epo", "clerk", "member", "head", "lead", "reader", "administrator"]


def is_allowed(action: str, state: str, who: str, is_open: bool) -> bool:
    if not is_open or who not in ({"head", "epo", "stand_in"} if action in BY_OFFICER_TOO else {"head"}):
        return False
    steps = ITS_STEPS.get(action)
    return any(step.startswith(f"{state} ") for step in steps) if steps else state in ITS_STATES[action]


def do(action: str, check: HealthCheck, by) -> None:
    verb = getattr(actions, action)
    if action in ITS_STEPS:
        reason = {"reason": "Say more"} if action in ("return_to_officer", "reopen") else {}
        verb(health_check=check, by=by, **reason)
        return
    rating = cell(check)
    match action:
        case "save_rating":
            verb(
                health_check=check, criterion_code="A1", value="red", rationale="Gone", next_step="",
                version=1, by=by,
            )  # fmt: skip
        case "moderate_rating":
            verb(rating=rating, value="amber", reason="Half of it", version=1, by=by)
        case "flag_rating":
            verb(rating=rating, note="Which minute", version=1, by=by)
        case "undo_moderation" | "unflag_rating":
            verb(rating=rating, version=1, by=by)
        case "write_comment":
            verb(rating=rating, text="Seen", by=by)
        case _:
            verb(comment=rating.comments.get(), by=by)


def was_done(action: str, check: HealthCheck, by) -> bool:
    """Whether it was let happen; taken back either way."""
    with transaction.atomic():
        try:
            do(action, check, by)
        except (PermissionDenied, actions.NotOpen):
            return False
        finally:
            transaction.set_rollback(True)
    return True


def all_states(epo, head, *, is_open: bool) -> list[HealthCheck]:
    cycle = make_cycle(make_framework(2))
    checks = [make_check(state, epo, head, cycle=cycle) for state in State.values]
    for check in checks:
        factories.CommentFactory(rating=cell(check), written_by=head)
    if not is_open:
        cycle.closed_at, cycle.closed_by = timezone.now(), head
        cycle.save()
        checks = list(HealthCheck.objects.filter(cycle=cycle).select_related("cycle", "borough"))
    return checks


def test_every_step_belongs_to_an_action():
    assert set().union(*ITS_STEPS.values()) == set(STEPS)


def named_stand_in(checks: list[HealthCheck], head) -> User:
    """An officer of elsewhere whom the head names for each of them in this cycle."""
    person = factories.UserFactory(name="Demo Officer S", role=Role.EPO)
    for check in checks:
        cycles.set_officer(health_check=check, officer=person, seen=None, by=head)
    return person


@pytest.mark.slow
def test_state_by_role_by_action_is_as_the_table_says(request, epo, head):
    wrong, total = [], 0
    for is_open, people in ((True, PEOPLE), (False, ["epo", "head"])):
        checks = all_states(epo, head, is_open=is_open)
        for who in people:
            person = named_stand_in(checks, head) if who == "stand_in" else request.getfixturevalue(who)
            for check in checks:
                for action in ACTIONS:
                    total += 1
                    done = was_done(action, check, person)
                    if done != is_allowed(action, check.state, who, is_open):
                        wrong.append(f"{action} of {check.state} by {who}, open {is_open}: {done}")

    print(f"row 10, state × role × action not as the table says: {len(wrong)} / {total}")
    assert not wrong, "\n".join(wrong)
    assert total == len(PEOPLE) * 5 * len(ACTIONS) + 2 * 5 * len(ACTIONS)


def is_refused(sql: str, parameters: list) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False


def transitions(checks: list[HealthCheck], epo, head) -> list[tuple[str, str, list]]:
    """Every change of state there can be, as raw SQL with all that the new state needs."""
    found = []
    for check in checks:
        for state in State.values:
            if state == check.state:
                continue
            columns = dates_of(state, epo, head)
            assigned = ", ".join(f"{column} = %s" for column in columns)
            sql = f"UPDATE assessments_healthcheck SET {assigned} WHERE id = %s"  # noqa: S608
            found.append((f"{check.state} {state}", sql, [*columns.values(), check.pk]))
    return found


def test_database_refuses_each_forbidden_step(epo, head):
    open_ones = transitions(all_states(epo, head, is_open=True), epo, head)
    closed = transitions(all_states(epo, head, is_open=False), epo, head)

    wrong = [step for step, *sql in open_ones if is_refused(*sql) == (step in STEPS)]
    wrong += [f"{step} when closed" for step, *sql in closed if not is_refused(*sql)]
    with pgtrigger.ignore():
        let_in = sum(not is_refused(*sql) for _step, *sql in open_ones + closed)

    total = len(open_ones) + len(closed)
    print(
        f"row 10, raw SQL on the state: {len(wrong)} / {total} not as STEPS has it; control: {let_in} let in"
    )
    assert (wrong, total) == ([], 40)
    assert let_in == 40, "control: without the triggers every one gets through"


def test_database_moves_no_health_check_to_another_cycle_or_borough(epo, head):
    checks = all_states(epo, head, is_open=True)
    elsewhere = (
        factories.ReviewCycleFactory(name="Elsewhere", slug="elsewhere").pk,
        factories.BoroughFactory().pk,
    )
    columns = ("cycle_id", "borough_id")
    moves = [
        (f"UPDATE assessments_healthcheck SET {column} = %s WHERE id = %s", [place, check.pk])  # noqa: S608
        for check in checks
        for column, place in zip(columns, elsewhere, strict=True)
    ]

    let_through = [move for move in moves if not is_refused(*move)]
    with pgtrigger.ignore():
        let_in = sum(not is_refused(*move) for move in moves)

    print(
        f"row 6, health checks moved by raw SQL: {len(let_through)} / {len(moves)}; control: {let_in} let in"
    )
    assert (let_through, len(moves), let_in) == ([], 10, 10)


INTO_RATINGS = """
    INSERT INTO assessments_rating (health_check_id, criterion_id, value, rationale, next_step, version,
        is_carried, officer_value, moderation_reason, flag_note)
    VALUES (%s, %s, 'red', 'Else', '', 1, false, '', '', '')"""
INTO_HEALTH_CHECKS = """
    INSERT INTO assessments_healthcheck (cycle_id, borough_id, state, state_reason)
    VALUES (%s, %s, 'draft', '')"""


def test_database_takes_nothing_into_what_is_signed_off_or_closed(epo, head):
    added = []
    for is_open in (True, False):
        checks = all_states(epo, head, is_open=is_open)
        criterion = factories.CriterionFactory(theme__framework=checks[0].cycle.framework, theme__code="Z")
        for check in checks:
            taken = is_open and check.state != State.SIGNED_OFF
            added.append((taken, INTO_RATINGS, [check.pk, criterion.pk]))
        added.append((is_open, INTO_HEALTH_CHECKS, [checks[0].cycle_id, factories.BoroughFactory().pk]))

    wrong = [sql for taken, *sql in added if is_refused(*sql) == taken]
    with pgtrigger.ignore():
        let_in = sum(not is_refused(*sql) for _taken, *sql in added)

    print(f"raw SQL into what is at its end: {len(wrong)} / {len(added)} wrong; control: {let_in} let in")
    assert (wrong, len(added), let_in) == ([], 12, 12)


# Raw writes to a rating, and the states in which the database lets them through while the cycle is open.
ANSWERS, JUDGED = {"draft", "returned"}, {"draft", "returned", "submitted", "moderated"}
MODERATED = (
    "officer_value = value, moderation_reason = 'Seen', moderated_at = now(), moderated_by_id = {head}"
)
WRITES = {
    "value = 'red'": ANSWERS,
    "rationale = 'Another'": ANSWERS,
    "next_step = 'Another'": ANSWERS,
    "is_carried = true": ANSWERS,
    "rated_at = now() - interval '1 day'": ANSWERS,
    "rated_by_id = {head}": ANSWERS,
    "value = 'not_assessed', rationale = ''": ANSWERS,
    f"rationale = 'Another', value = 'red', {MODERATED}": ANSWERS,
    f"value = 'red', {MODERATED}": JUDGED,
    "flag_note = 'Look again'": JUDGED,
    "version = version + 1": JUDGED,
    "proof_due_on = now()": JUDGED,
    "evidence_until = now()": {*JUDGED, "signed_off"},
}


def test_database_refuses_each_write_that_the_state_does_not_allow(epo, head):
    checks = [(one, is_open) for is_open in (True, False) for one in all_states(epo, head, is_open=is_open)]
    writes = [
        (
            f"UPDATE assessments_rating SET {write.format(head=head.pk)} WHERE health_check_id = %s",  # noqa: S608
            states,
        )
        for write, states in WRITES.items()
    ]
    writes.append(("DELETE FROM assessments_rating WHERE health_check_id = %s", ANSWERS))
    wrong, let_in, forbidden = [], 0, 0
    for check, is_open in checks:
        for sql, states in writes:
            allowed = is_open and check.state in states
            if is_refused(sql, [check.pk]) == allowed:
                wrong.append(f"{sql} when {check.state}, open {is_open}")
            if not allowed:
                forbidden += 1
                with pgtrigger.ignore():
                    let_in += not is_refused(sql, [check.pk])

    total = len(checks) * len(writes)
    print(
        f"row 10, raw SQL on ratings: {len(wrong)} / {total} wrong; control: {let_in} of {forbidden} let in"
    )
    assert not wrong, "\n".join(wrong)
    assert let_in == forbidden, "control: without the triggers every one gets through"


def test_whole_life_is_told_with_who_did_what(epo, head):
    check = make_check(State.DRAFT, epo, head)
    other = factories.UserFactory(name="Demo Head B", role="head")

    actions.submit(health_check=check, by=epo)
    actions.withdraw(health_check=check, by=epo)
    actions.submit(health_check=check, by=epo)
    actions.return_to_officer(health_check=check, reason=" Say more ", by=head)
    assert HealthCheck.objects.get(pk=check.pk).state_reason == "Say more"
    actions.submit(health_check=check, by=epo)
    assert HealthCheck.objects.get(pk=check.pk).state_reason == ""
    actions.mark_moderated(health_check=check, by=other)
    actions.moderate_again(health_check=check, by=other)
    actions.mark_moderated(health_check=check, by=other)
    signed = actions.sign_off(health_check=check, by=head)
    assert (signed.moderated_by, signed.signed_off_by) == (other, head)
    actions.reopen(health_check=check, reason="A2 was wrong", by=head)

    told = [(one.who, one.after) for one in changes_of(check, fields=("state",)) if one.field][::-1]
    assert told == [
        ("Demo Officer A", "Submitted"),
        ("Demo Officer A", "In progress"),
        ("Demo Officer A", "Submitted"),
        ("Demo Head", "Returned"),
        ("Demo Officer A", "Submitted"),
        ("Demo Head B", "Moderated"),
        ("Demo Head B", "Submitted"),
        ("Demo Head B", "Moderated"),
        ("Demo Head", "Signed off"),
        ("Demo Head", "Returned"),
    ]


@pytest.mark.parametrize("verb", [actions.return_to_officer, actions.reopen])
def test_giving_back_needs_a_reason(verb, epo, head):
    state = State.SIGNED_OFF if verb is actions.reopen else State.SUBMITTED
    check = make_check(state, epo, head)

    with pytest.raises(actions.NeedsReason, match="Say why"):
        verb(health_check=check, reason="  ", by=head)

    assert HealthCheck.objects.get(pk=check.pk).state == state


def test_nobody_judges_what_they_submitted_but_the_authority_has_nobody_else(epo, head):
    own = make_check(State.SUBMITTED, head, head)
    for verb in (actions.mark_moderated, actions.sign_off):
        with pytest.raises(actions.OwnWork, match="somebody else has to look at it"):
            verb(health_check=own, by=head)
    with pytest.raises(actions.OwnWork):
        actions.moderate_rating(rating=cell(own), value="red", reason="No", version=1, by=head)
    actions.flag_rating(rating=cell(own), note="Which minute", version=1, by=head)
    actions.return_to_officer(health_check=own, reason="For its officer", by=head)

    authority = HealthCheck.objects.create(cycle=own.cycle, borough=None)
    HealthCheck.objects.filter(pk=authority.pk).update(**dates_of(State.SUBMITTED, head, head))
    assert actions.sign_off(health_check=authority, by=head).state == State.SIGNED_OFF


def test_sign_off_waits_for_flags_and_for_what_has_been_seen(epo, head):
    check = make_check(State.SUBMITTED, epo, head)
    seen = actions.seen_of(check)
    actions.flag_rating(rating=cell(check), note="Which minute", version=1, by=head)

    with pytest.raises(actions.ChangedMeanwhile, match="has changed since you opened this page"):
        actions.sign_off(health_check=check, seen=seen, by=head)
    with pytest.raises(actions.NotReady, match="Settle the flag on A1 Title A1"):
        actions.sign_off(health_check=check, by=head)

    actions.unflag_rating(rating=cell(check), version=2, by=head)
    assert actions.sign_off(health_check=check, seen=actions.seen_of(check), by=head).state == "signed_off"
