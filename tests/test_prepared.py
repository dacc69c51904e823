import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boroughs.models import Borough
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
