import datetime as dt

import pghistory
import pgtrigger
import psycopg
import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Value
from django.test.utils import CaptureQueriesContext
from pghistory.models import Context

from boroughs.models import Borough, BoroughLink
from cdrp_portal.prepared import Prepared
from tests import factories


def inner_after(name, key):
    """Boroughs beyond a name, and one more by its key; the text "Barnet" is always left out."""
    boroughs = Borough.objects.filter(name__gt=name).exclude(name="Barnet") | Borough.objects.filter(pk=key)
    return boroughs.order_by("name").values_list("name", "is_inner")


def test_prepared_question_answers_as_its_queryset_does(db, camden, islington):
    factories.BoroughFactory(name="Barnet")
    prepared = Prepared(inner_after, name="an example", key=987_654)

    for name in ("", "D", "Z"):
        assert prepared.rows(name=name, key=camden.pk) == list(inner_after(name, camden.pk))


def test_prepared_question_is_compiled_once(db, camden):
    built = []

    def build(name):
        built.append(name)
        return Borough.objects.filter(name=name).values_list("pk")

    prepared = Prepared(build, name="an example")
    with CaptureQueriesContext(connection) as captured:
        assert [prepared.rows(name="Camden"), prepared.rows(name="'; --")] == [[(camden.pk,)], []]

    assert built == ["an example"]
    assert len(captured) == 2


def test_example_that_the_question_does_not_hold_is_refused(db):
    prepared = Prepared(
        lambda name, key: Borough.objects.filter(name=name).values_list("pk"), name="a", key=1
    )

    with pytest.raises(ValueError, match="do not each stand once"):
        prepared.rows(name="Camden", key=1)


def test_example_that_stands_twice_is_refused(db):
    prepared = Prepared(
        lambda name: Borough.objects.filter(name=name, slug=name).values_list("pk"), name="an example"
    )

    with pytest.raises(ValueError, match="do not each stand once"):
        prepared.rows(name="camden")


def test_prepared_question_gives_the_rows_of_the_model_themselves(db, camden, islington):
    prepared = Prepared(lambda name: Borough.objects.filter(name__gt=name), name="an example")

    found = prepared.objects(name="D")

    assert [vars(borough).keys() for borough in found] == [vars(islington).keys()]
    assert found == [islington]
    assert (found[0].name, found[0].tile_row) == (islington.name, islington.tile_row)


def test_prepared_question_brings_what_its_rows_point_at(db, camden, epo, django_assert_num_queries):
    link = BoroughLink.objects.get(borough=camden, person=epo)
    prepared = Prepared(
        lambda key: (
            BoroughLink.objects.filter(pk=key)
            .select_related("person")
            .annotate(has_name=Exists(Borough.objects.filter(pk=OuterRef("borough"), name__gt="")))
        ),
        key=-1,
    )

    with django_assert_num_queries(1):
        [found] = prepared.objects(key=link.pk)
        assert (found, found.person.name, found.kind, found.has_name) == (link, epo.name, link.kind, True)


def test_model_whose_values_django_converts_is_refused(db):
    moment = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
    prepared = Prepared(lambda at: Context.objects.filter(created_at=at), at=moment)

    with pytest.raises(ValueError, match="Context keeps a value that Django would convert"):
        prepared.objects(at=moment)


def test_prepared_question_is_planned_once_by_a_connection(db, camden):
    prepared = Prepared(lambda name: Borough.objects.filter(name=name).values_list("pk"), name="an example")

    for _time in range(5):
        assert prepared.rows(name="Camden") == [(camden.pk,)]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = %s",
            [prepared._compiled[0].replace("%s", "$1")],
        )
        assert cursor.fetchall() == [(3,)], "from the third time on"


def test_constants_of_a_prepared_question_are_taken_by_the_letter(db):
    odd = factories.BoroughFactory(name="100 % O'Borough; --", slug="odd")
    prepared = Prepared(
        lambda slug: Borough.objects.filter(slug=slug, name__contains="% O'B").values_list(
            "pk", Value("100 %s")
        ),
        slug="an example",
    )

    assert prepared.rows(slug="odd") == [(odd.pk, "100 %s")]


def test_prepared_question_is_asked_while_triggers_are_off(db, camden):
    """What switches them off, or tells the history who is at work, puts a statement before each other one."""
    prepared = Prepared(lambda name: Borough.objects.filter(name=name).values_list("pk"), name="an example")

    with pgtrigger.ignore(), pghistory.context(user=1):
        found = [prepared.rows(name="Camden") for _time in range(4)]

    assert found == [[(camden.pk,)]] * 4


@pytest.mark.django_db(transaction=True)
def test_prepared_question_survives_a_connection_that_was_cut(camden):
    prepared = Prepared(lambda name: Borough.objects.filter(name=name).values_list("pk"), name="an example")
    for _time in range(4):
        assert prepared.rows(name="Camden") == [(camden.pk,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [(number,)] = cursor.fetchall()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])

    # As between two requests.
    connection.close_if_unusable_or_obsolete()
    assert prepared.rows(name="Camden") == [(camden.pk,)]
