import pytest

from cdrp_portal import panels
from cdrp_portal.panels import Panel, panels_for, register


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(panels, "_sources", {})


def test_panels_come_in_their_order(rf):
    @register("borough", order=20)
    def recommendations(request, subject):
        return Panel(f"Actions of {subject}", "recommendations/_panel.html", {"open": 3})

    @register("borough", order=10)
    def health_check(request, subject):
        return Panel("Health check", "assessments/_panel.html")

    shown = panels_for("borough", rf.get("/"), "Camden")

    assert [panel.title for panel in shown] == ["Health check", "Actions of Camden"]
    assert shown[1].context == {"open": 3}


def test_panel_with_nothing_to_say_is_left_out(rf):
    @register("borough", order=1)
    def nothing(request, subject):
        return None

    assert panels_for("borough", rf.get("/"), "Camden") == []


def test_panels_of_another_place_are_not_shown(rf):
    @register("london", order=1)
    def elsewhere(request, subject):
        return Panel("Elsewhere", "x.html")

    assert panels_for("borough", rf.get("/"), None) == []


def test_module_imported_twice_shows_its_panel_once(rf):
    for title in ("first", "second"):

        def source(request, subject, title=title):
            return Panel(title, "x.html")

        register("borough", order=1)(source)

    assert [panel.title for panel in panels_for("borough", rf.get("/"), None)] == ["second"]
