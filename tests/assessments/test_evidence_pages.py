"""The pages of evidence, and how a file is handed out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.utils import timezone

from assessments import actions
from assessments.models import Evidence, Rating
from cdrp_portal.uploads import KINDS
from cdrp_portal.uploads.handlers import REQUEST_LIMIT
from tests.assessments.kept import DAY, State, add, files_in, kept, move_to, rating_of, sent, url_of

pytestmark = pytest.mark.django_db


def test_files_are_handed_out_as_downloads_that_run_nowhere(rating, epo, signed_in):
    client, inline = signed_in(epo), []
    for ending in KINDS:
        one = add(rating, epo, file=kept(f'Minutes "of" the {ending}, é.{ending}', b"<script>x</script>"))
        answer = client.get(url_of(rating, "evidence-file", one.pk))
        policy = answer.headers["Content-Security-Policy"]
        is_safe = (
            answer.content == b"<script>x</script>"
            and answer.headers["Content-Disposition"].startswith("attachment; filename")
            and answer.headers["X-Content-Type-Options"] == "nosniff"
            and policy.startswith("sandbox; default-src 'none'")
            and answer.headers["Cache-Control"] == "no-store"
            and answer.headers["Content-Type"] == one.content_type
        )
        inline += [] if is_safe else [ending]

    print(f"kinds rendered inline: {len(inline)} / {len(KINDS)}")
    assert not inline


def test_no_address_but_the_view_leads_to_a_file(rating, epo, signed_in):
    one = add(rating, epo, file=kept())
    client = signed_in(epo)

    reached = [
        address
        for address in (f"/{one.file.name}", f"/media/{one.file.name}", f"/static/{one.file.name}")
        if client.get(address).status_code != 404
    ]

    assert not reached


def test_a_file_answers_to_its_readers_and_under_its_own_rating_only(
    check, rating, epo, other_epo, member, head, reader, signed_in
):
    one = add(rating, epo, file=kept())
    foreign = Rating.objects.exclude(health_check=check).filter(criterion=rating.criterion).first()
    address = url_of(rating, "evidence-file", one.pk)
    readers = {epo: 200, member: 200, head: 200, other_epo: 404, reader: 404}

    draft = {who: signed_in(who).get(address).status_code for who in readers}
    moved = signed_in(head).get(url_of(rating_of(check, "A2"), "evidence-file", one.pk)).status_code
    abroad = signed_in(head).get(url_of(foreign, "evidence-file", one.pk)).status_code
    actions.withdraw_evidence(evidence=one, by=epo)
    withdrawn = {who: signed_in(who).get(address).status_code for who in (epo, head, member)}
    move_to(check, State.SIGNED_OFF, head)
    signed_off = signed_in(reader).get(url_of(rating)).content.decode()

    assert draft == readers
    assert (moved, abroad) == (404, 404)
    assert withdrawn == {epo: 200, head: 200, member: 404}
    assert one.title not in signed_off


def test_a_link_and_a_file_that_is_gone_are_no_downloads(rating, epo, signed_in):
    link, file = add(rating, epo), add(rating, epo, file=kept())
    file.file.storage.delete(file.file.name)

    assert signed_in(epo).get(url_of(rating, "evidence-file", link.pk)).status_code == 404
    assert signed_in(epo).get(url_of(rating, "evidence-file", file.pk)).status_code == 404


def test_a_file_is_added_read_and_given_back(rating, epo, signed_in, uploads):
    client = signed_in(epo)
    text = SimpleUploadedFile("../../Minutes of August.txt", b"Held on 31 August")

    added = client.post(url_of(rating, "evidence-add"), sent(file=text), follow=True)

    one = Evidence.objects.get()
    page = added.content.decode()
    assert "Minute 7" in page
    assert "Plain text, 1 KB" in page
    assert (one.size, one.rating, one.added_by) == (17, rating, epo)
    (stored,) = files_in(uploads)
    assert stored.read_bytes() == b"Held on 31 August"
    assert "inutes" not in str(stored.relative_to(uploads))
    assert stored.stat().st_mode & 0o077 == 0
    answer = client.get(url_of(rating, "evidence-file", one.pk))
    assert answer.content == b"Held on 31 August"
    for step, words in (("withdraw", "Give back"), ("restore", "Withdraw")):
        told = client.post(url_of(rating, f"evidence-{step}", one.pk), follow=True).content.decode()
        assert words in told
    assert "cleared the withdrawal" in told


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose a file, or give a link."),
        ({"url": "javascript:alert(1)"}, "Give the whole address"),
        ({"url": "ftp://example.org"}, "Give the whole address"),
        ({"url": "https://example.org", "title": ""}, "Say what it shows."),
        ({"url": "https://example.org", "dated_on": "2999-01-01"}, "Give a day that has been"),
        ({"url": "https://example.org", "look_again_on": "2010-08-30"}, "cannot hold until a day before"),
    ],
)
def test_what_is_not_evidence_is_refused_in_words(rating, epo, signed_in, given, sentence):
    answer = signed_in(epo).post(url_of(rating, "evidence-add"), sent(**given))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org", "not an address"])
def test_what_is_no_link_is_said_once_at_its_field(rating, epo, signed_in, url):
    answer = signed_in(epo).post(url_of(rating, "evidence-add"), sent(url=url))

    assert len(answer.context["form"].errors["url"]) == 1


def test_a_file_and_a_link_at_once_and_a_hostile_file_are_refused(rating, epo, signed_in, uploads):
    client, text = signed_in(epo), SimpleUploadedFile("a.txt", b"Held")
    both = client.post(url_of(rating, "evidence-add"), sent(file=text, url="https://example.org"))
    page = SimpleUploadedFile("a.txt", b"<html><script>")
    hostile = client.post(url_of(rating, "evidence-add"), sent(file=page))

    assert "give one of the two" in both.content.decode()
    assert "There is a web page or a script in it." in hostile.content.decode()
    assert hostile.status_code == 422
    assert not files_in(uploads)


def test_what_is_too_large_is_stopped_while_it_comes_in(rating, epo, signed_in, monkeypatch):
    """The bytes that reach Django's own handlers are counted: nothing without end is ever taken in."""
    taken = []

    def count(self, raw_data, start):
        taken.append(len(raw_data))

    monkeypatch.setattr(MemoryFileUploadHandler, "receive_data_chunk", count)
    client = signed_in(epo)
    answers = []
    for size in (10_100_000, REQUEST_LIMIT + 1_000_000):
        taken.clear()
        file = SimpleUploadedFile("a.txt", b"a" * size)
        answer = client.post(url_of(rating, "evidence-add"), sent(file=file))
        answers.append((answer.status_code, "larger than 10 MB" in answer.content.decode(), sum(taken)))

    assert [one[:2] for one in answers] == [(422, True), (422, True)]
    assert answers[0][2] <= 10_000_000
    assert answers[1][2] == 0


def test_more_files_than_a_page_sends_are_refused(rating, epo, signed_in):
    files = {f"file{n}": SimpleUploadedFile("a.txt", b"a") for n in range(101)}

    assert signed_in(epo).post(url_of(rating, "evidence-add"), sent(**files)).status_code == 400


def test_two_who_change_the_same_words_see_both(rating, epo, head, signed_in):
    one = add(rating, epo)
    address, stamp = url_of(rating, "evidence-edit", one.pk), actions.stamp_of(one)
    client = signed_in(epo)
    form = client.get(address).content.decode()
    signed_in(head).post(address, sent(title="Theirs", stamp=stamp))

    met = client.post(address, sent(title="Mine", stamp=stamp))

    page = met.content.decode()
    assert stamp in form
    assert met.status_code == 409
    assert "“Theirs”" in page
    assert 'value="Mine"' in page
    assert Evidence.objects.get().title == "Theirs"
    again = client.post(address, sent(title="Mine", stamp=actions.stamp_of(Evidence.objects.get())))
    assert again.status_code == 302
    assert Evidence.objects.get().title == "Mine"


def test_pages_say_why_after_the_sign_off(check, rating, epo, head, signed_in):
    one = add(rating, epo)
    move_to(check, State.SIGNED_OFF, head)
    client = signed_in(epo)

    for name in ("evidence-withdraw", "evidence-restore"):
        answer = client.post(url_of(rating, name, one.pk))
        assert answer.status_code == 409
        assert "signed off and cannot be changed" in answer.content.decode()
    edited = client.post(url_of(rating, "evidence-edit", one.pk), sent(title="New", stamp=""))
    promised = client.post(url_of(rating, "proof-promise"), {"due_on": timezone.localdate()})
    assert (edited.status_code, promised.status_code) == (409, 409)
    assert "not open for evidence" in client.get(url_of(rating, "evidence-add")).content.decode()


def test_a_promise_is_made_and_refused_on_the_page(rating, epo, signed_in):
    client, today = signed_in(epo), timezone.localdate()

    made = client.post(url_of(rating, "proof-promise"), {"due_on": today.isoformat()}, follow=True)
    past = client.post(url_of(rating, "proof-promise"), {"due_on": "2010-08-31"})
    none = client.post(url_of(rating, "proof-promise"), {"due_on": "soon"})
    back = client.post(url_of(rating, "proof-promise"), {"due_on": ""}, follow=True)

    assert "Green, awaiting proof until" in made.content.decode()
    assert (past.status_code, none.status_code) == (422, 422)
    assert "still to come" in past.content.decode()
    assert "No proof is promised any more." in back.content.decode()
    check = rating.health_check.get_absolute_url()
    for address in (url_of(rating), f"{check}{rating.criterion.code}/", check):
        told = client.get(address).content.decode()
        assert "gave the promised day of proof" in told, address
        assert "cleared the promised day of proof" in told, address


def test_the_health_check_and_the_rating_list_it(check, rating, epo, member, signed_in):
    file = add(rating, epo, title="The signed protocol", file=kept())
    add(rating, epo, look_again_on=DAY, title="Link to the <minutes>")
    actions.edit_evidence(
        evidence=file, title=file.title, dated_on=DAY, look_again_on=DAY, stamp=actions.stamp_of(file), by=epo
    )

    row = signed_in(epo).get(check.get_absolute_url()).content.decode()
    page = signed_in(member).get(f"{check.get_absolute_url()}A1/").content.decode()

    for text in (row, page):
        assert "The signed protocol" in text
        assert "PDF, 1 KB, of 31 August 2010" in text
        assert "Link to the &lt;minutes&gt;" in text
        assert "Link to example.org" in text
        assert "Look at this again: its evidence held until 31 August 2010." in text
    assert "Add evidence" in row
    assert "Add evidence" not in page


def test_the_list_takes_the_same_queries_whatever_its_length(
    rating, epo, signed_in, django_assert_num_queries
):
    client = signed_in(epo)
    for more in (1, 2):
        for _ in range(more):
            add(rating, epo)
        client.get(url_of(rating))
        with django_assert_num_queries(10):
            client.get(url_of(rating))
