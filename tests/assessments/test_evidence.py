"""Evidence: until when it holds, who may add, change and confirm it in which state."""

from datetime import timedelta
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import actions
from assessments.content.evidence import evidence_of, greens_without_evidence, lapsed_words, proof_words
from assessments.models import Evidence, Rating, ReviewCycle
from tests.assessments.kept import DAY, State, add, move_to, rating_of, sent, url_of

pytestmark = pytest.mark.django_db
STATES = [State.DRAFT, State.RETURNED, State.SUBMITTED, State.MODERATED, State.SIGNED_OFF, "closed"]


# Until when it holds


def test_until_when_evidence_holds_is_the_latest_of_its_days(rating, epo):
    """Sixty random changes; after each the day beside the rating is what the evidence itself says."""
    random, wrong = Random(2010), 0
    days = [None, *(DAY + timedelta(days=n * 30) for n in range(4))]
    for _ in range(60):
        found = list(Evidence.objects.filter(rating=rating).order_by("pk"))
        one = random.choice(found) if found else None
        match random.choice(["add", "edit", "withdraw", "restore"]) if one else "add":
            case "add":
                add(rating, epo, look_again_on=random.choice(days))
            case "edit":
                words = {"title": one.title, "dated_on": DAY, "look_again_on": random.choice(days)}
                actions.edit_evidence(evidence=one, stamp=actions.stamp_of(one), by=epo, **words)
            case "withdraw":
                actions.withdraw_evidence(evidence=one, by=epo)
            case "restore":
                actions.restore_evidence(evidence=one, by=epo)
        standing = [row.look_again_on for row in Evidence.objects.standing().filter(rating=rating)]
        expected = None if None in standing or not standing else max(standing)
        wrong += Rating.objects.get(pk=rating.pk).evidence_until != expected

    print(f"days beside the rating that its evidence does not say: {wrong} / 60")
    assert wrong == 0
    assert Rating.objects.get(pk=rating.pk).version == rating.version


def test_lapsed_evidence_says_since_when(rating, epo):
    add(rating, epo, look_again_on=DAY)
    rating.refresh_from_db()

    part = evidence_of(rating, epo, DAY + timedelta(days=1))

    assert part.lapsed == "Look at this again: its evidence held until 31 August 2010."
    assert rating.is_stale(DAY + timedelta(days=1))
    assert not rating.is_stale(DAY)
    assert lapsed_words(DAY, DAY) == ""


# Who may what, in which state


def steps(rating, evidence, withdrawn, by):
    """Each thing that can be done to evidence, on rows of its own."""
    words = {"title": "Put right", "dated_on": DAY, "look_again_on": DAY}
    today = timezone.localdate()
    return {
        "add": lambda: add(rating, by),
        "edit": lambda: actions.edit_evidence(
            evidence=evidence, stamp=actions.stamp_of(evidence), by=by, **words
        ),
        "withdraw": lambda: actions.withdraw_evidence(evidence=evidence, by=by),
        "restore": lambda: actions.restore_evidence(evidence=withdrawn, by=by),
        "promise": lambda: actions.promise_proof(rating=rating, due_on=today, today=today, by=by),
        "confirm": lambda: actions.confirm_proof(rating=rating, by=by),
    }


def test_state_and_role_decide_what_may_be_done(
    check, rating, epo, other_epo, member, clerk, head, reader, administrator
):
    """Raters until the sign-off; another than the rater confirms until the cycle is closed; nobody else."""
    evidence, withdrawn = add(rating, epo), add(rating, epo)
    actions.withdraw_evidence(evidence=withdrawn, by=epo)
    actions.promise_proof(rating=rating, due_on=timezone.localdate(), today=timezone.localdate(), by=epo)
    refused = (PermissionDenied, actions.NotOpen, actions.ProofRefused)
    wrong, total = [], 0
    for state in STATES:
        with transaction.atomic():
            move_to(check, state, head)
            for by in (epo, other_epo, member, clerk, head, reader, administrator):
                for name, step in steps(rating, evidence, withdrawn, by).items():
                    may = by == head if name == "confirm" else by in (epo, head) and state != State.SIGNED_OFF
                    may = may and state != "closed"
                    try:
                        with transaction.atomic():
                            step()
                            done = True
                            transaction.set_rollback(True)
                    except refused:
                        done = False
                    total += 1
                    if done != may:
                        wrong.append((state, by.role, name))
            transaction.set_rollback(True)

    print(f"state × role × action otherwise than said: {len(wrong)} / {total}")
    assert not wrong


def test_the_database_refuses_what_the_actions_refuse(check, rating, epo, head):
    evidence = add(rating, epo)
    row = Rating.objects.filter(pk=rating.pk)
    row.update(proof_due_on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(proof_confirmed_by=epo, proof_confirmed_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(url="https://example.org/other")
    other = Rating.objects.exclude(health_check=check).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(rating=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(
            rating=rating, title="Neither", dated_on=DAY, added_at=timezone.now(), added_by=epo
        )
    move_to(check, State.SIGNED_OFF, head)
    with pytest.raises(IntegrityError, match="signed-off"), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(title="Another")
    with pytest.raises(IntegrityError, match="signed-off"), transaction.atomic():
        Evidence.objects.create(
            rating=rating,
            title="Late",
            url="https://example.org",
            dated_on=DAY,
            added_at=timezone.now(),
            added_by=epo,
        )
    ReviewCycle.objects.filter(pk=check.cycle_id).update(closed_at=timezone.now(), closed_by=head)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).delete()


# A green and its proof


def test_a_green_without_evidence_is_said_and_not_refused(check, rating, epo, signed_in):
    client = signed_in(epo)
    Rating.objects.filter(health_check=check).update(rationale="Seen")
    page = client.get(f"{check.get_absolute_url()}submit/").content.decode()
    saved = client.post(
        f"{check.get_absolute_url()}A1/",
        {"value": "green", "rationale": "So", "next_step": "", "version": rating.version},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert f"Add evidence for {rating.criterion}" in page
    assert "No evidence yet" in saved
    assert actions.submit(health_check=check, by=epo).state == State.SUBMITTED


def test_evidence_or_a_promise_stills_the_warning(check, epo):
    add(rating_of(check, "A1"), epo)
    today = timezone.localdate()
    actions.promise_proof(rating=rating_of(check, "A2"), due_on=today, today=today, by=epo)

    missing = [one.code for one in greens_without_evidence(check)]

    assert missing == ["A3"]
    assert evidence_of(rating_of(check, "A1"), epo, today).asks == ""
    assert evidence_of(rating_of(check, "A2"), epo, today).asks == ""
    assert evidence_of(rating_of(check, "A3"), epo, today).asks


def test_a_promise_is_for_a_green_and_a_day_to_come(check, rating, epo):
    today = timezone.localdate()
    amber = rating_of(check, "A2")
    Rating.objects.filter(pk=amber.pk).update(value="amber", rationale="Half")

    with pytest.raises(actions.ProofRefused, match="Only a green"):
        actions.promise_proof(rating=amber, due_on=today, today=today, by=epo)
    with pytest.raises(actions.ProofRefused, match="still to come"):
        actions.promise_proof(rating=rating, due_on=today - timedelta(days=1), today=today, by=epo)
    actions.promise_proof(rating=rating, due_on=today, today=today, by=epo)
    assert actions.promise_proof(rating=rating, due_on=None, today=today, by=epo).proof_due_on is None


def test_overdue_proof_says_since_when_and_another_confirms_it(check, rating, epo, head, signed_in):
    Rating.objects.filter(pk=rating.pk).update(proof_due_on=DAY)
    officer, other = signed_in(epo), signed_in(head)
    listed = officer.get(f"{check.get_absolute_url()}submit/").content.decode()
    move_to(check, State.SIGNED_OFF, head)
    own = officer.post(url_of(rating, "proof-confirm"))
    added = officer.post(url_of(rating, "evidence-add"), sent(url="https://example.org"))
    offered = other.get(url_of(rating)).content.decode()
    confirmed = other.post(url_of(rating, "proof-confirm"), follow=True).content.decode()

    assert "Proof was due on 31 August 2010." in listed
    assert own.status_code == 409
    assert "another person confirms" in own.content.decode()
    assert added.status_code == 409
    assert "Confirm the proof" in offered
    assert f"by {head}" in confirmed
    assert "Confirm the proof" not in confirmed
    with pytest.raises(actions.ProofRefused):
        actions.confirm_proof(rating=rating, by=head)


def test_moderator_does_not_confirm_the_proof_of_their_own_green(check, rating, epo, head):
    Rating.objects.filter(pk=rating.pk).update(value="amber", rationale="Half")
    move_to(check, State.SUBMITTED, epo)
    version = rating_of(check).version
    actions.moderate_rating(rating=rating, value="green", reason="It is", version=version, by=head)
    today = timezone.localdate()
    actions.promise_proof(rating=rating, due_on=today, today=today, by=epo)

    for by in (epo, head):
        with pytest.raises(actions.ProofRefused, match="another person confirms"):
            actions.confirm_proof(rating=rating, by=by)
        assert not actions.may_confirm(by, rating_of(check))


def test_words_of_a_proof():
    rating = Rating(proof_due_on=DAY)

    assert proof_words(Rating(), DAY) == ""
    assert proof_words(rating, DAY) == "Green, awaiting proof until 31 August 2010."
    assert proof_words(rating, DAY + timedelta(days=1)) == "Proof was due on 31 August 2010."
