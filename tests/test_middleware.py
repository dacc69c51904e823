import logging
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from assessments.models import Rating
from cdrp_portal.middleware import (
    ALWAYS,
    LAST_POLICY,
    HistoryMiddleware,
    RequestIdFilter,
    RequestIdMiddleware,
    SecurityHeadersMiddleware,
    current_request_id,
)
from tests import factories


def answered_by(middleware, request, response=None):
    return middleware(lambda request: response if response is not None else HttpResponse("x"))(request)


def test_each_request_has_its_own_number(rf):
    seen = []

    def view(request):
        seen.append((request.request_id, current_request_id()))
        return HttpResponse()

    numbers = [RequestIdMiddleware(view)(rf.get("/"))["X-Request-ID"] for _ in range(3)]

    assert len(set(numbers)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", number) for number in numbers)
    assert seen == [(number, number) for number in numbers]
    assert current_request_id() == "-"


def test_number_that_the_caller_brings_is_not_believed(rf):
    response = answered_by(RequestIdMiddleware, rf.get("/", headers={"X-Request-ID": "forged"}))

    assert response["X-Request-ID"] != "forged"


def test_number_is_forgotten_after_a_failure(rf):
    def view(request):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        RequestIdMiddleware(view)(rf.get("/"))
    assert current_request_id() == "-"


def test_threads_keep_their_own_numbers(rf):
    def view(request):
        return HttpResponse(current_request_id())

    def ask(_n):
        response = RequestIdMiddleware(view)(rf.get("/"))
        return response.content.decode() == response["X-Request-ID"]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))


def test_log_records_carry_the_number(rf):
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "said", None, None)

    def view(request):
        RequestIdFilter().filter(record)
        return HttpResponse()

    response = RequestIdMiddleware(view)(rf.get("/"))

    assert record.request_id == response["X-Request-ID"]


def test_log_record_of_a_refusal_carries_the_number(rf):
    request = rf.get("/")
    response = answered_by(RequestIdMiddleware, request)
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, "Not Found", None, None)
    record.request = request

    RequestIdFilter().filter(record)

    assert record.request_id == response["X-Request-ID"]


def test_every_response_has_the_headers(rf):
    for response in (HttpResponse("x"), HttpResponse(status=500), StreamingHttpResponse(iter([b"x"]))):
        answered = answered_by(SecurityHeadersMiddleware, rf.get("/"), response)
        for header, value in ALWAYS.items():
            assert answered[header] == value
        assert answered["Content-Security-Policy"] == LAST_POLICY


def test_what_a_response_says_itself_stays(rf):
    response = HttpResponse(headers={"Content-Security-Policy": "sandbox", "Referrer-Policy": "no-referrer"})

    answered = answered_by(SecurityHeadersMiddleware, rf.get("/"), response)

    assert answered["Content-Security-Policy"] == "sandbox"
    assert answered["Referrer-Policy"] == "no-referrer"


def test_strict_transport_only_when_secure(rf, settings):
    settings.SECURE_HSTS_SECONDS = 0
    assert "Strict-Transport-Security" not in answered_by(SecurityHeadersMiddleware, rf.get("/"))

    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    answered = answered_by(SecurityHeadersMiddleware, rf.get("/"))
    assert answered["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"

    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = False
    answered = answered_by(SecurityHeadersMiddleware, rf.get("/"))
    assert answered["Strict-Transport-Security"] == "max-age=31536000"


def test_nothing_shown_to_the_signed_in_is_stored(rf, settings):
    request = rf.get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    private = HttpResponse(headers={"Cache-Control": "private, max-age=60"})

    assert answered_by(SecurityHeadersMiddleware, request)["Cache-Control"] == "no-store"
    assert answered_by(SecurityHeadersMiddleware, request, private)["Cache-Control"] == "no-store"
    signing_in = HttpResponse()
    signing_in.set_cookie(settings.SESSION_COOKIE_NAME, "x")
    assert answered_by(SecurityHeadersMiddleware, rf.get("/"), signing_in)["Cache-Control"] == "no-store"


def test_public_responses_keep_their_caching(rf, settings):
    request = rf.get("/static/x.css")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    static = HttpResponse(headers={"Cache-Control": "max-age=315360000, public, immutable"})

    answered = answered_by(SecurityHeadersMiddleware, request, static)
    assert answered["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Cache-Control" not in answered_by(SecurityHeadersMiddleware, rf.get("/"))


def test_history_names_request_person_and_address(rf, epo):
    request = rf.post("/boroughs/")
    request.user = epo
    seen = {}

    def view(request):
        seen.update(HistoryMiddleware(lambda request: HttpResponse()).get_context(request))
        return HttpResponse()

    response = RequestIdMiddleware(view)(request)

    assert seen == {
        "user": epo.pk,
        "url": "/boroughs/",
        "method": "POST",
        "request_id": response["X-Request-ID"],
    }


def test_change_through_the_site_is_recorded_with_its_number(head, signed_in):
    cycle = factories.ReviewCycleFactory()
    check = factories.HealthCheckFactory(cycle=cycle)
    criterion = factories.CriterionFactory(theme__framework=cycle.framework)
    rating = factories.RatingFactory(health_check=check, criterion=criterion)
    address = f"{check.get_absolute_url()}{criterion.code}/"

    response = signed_in(head).post(address, {"value": "green", "version": 0, "rationale": "In place"})

    event = Rating.pgh_event_model.objects.filter(pgh_obj=rating).latest("pgh_id")
    assert event.value == "green"
    assert event.pgh_context.metadata == {
        "user": head.pk,
        "url": address,
        "method": "POST",
        "request_id": response["X-Request-ID"],
    }


def test_address_of_a_form_opened_as_a_page_says_so(head, signed_in):
    action = factories.ActionFactory()

    response = signed_in(head).get(f"/recommendations/actions/{action.pk}/positions/add/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address is not a page" in response.content.decode()
