import re

from django import forms
from django.template.loader import render_to_string

from cdrp_portal.forms import DayInput, RatingRadios


class Sample(forms.Form):
    why = forms.CharField(
        label="Why red",
        help_text="In one or two sentences",
        widget=forms.Textarea,
        error_messages={"required": "Say why D2 Public meeting is red"},
    )
    value = forms.ChoiceField(
        label="Rating",
        choices=RatingRadios().choices,
        widget=RatingRadios,
        error_messages={"required": "Rate D2"},
    )
    due = forms.DateField(label="Due date", widget=DayInput, required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("v", "Visit"), ("m", "Meeting")], widget=forms.RadioSelect
    )
    seat = forms.ChoiceField(label="Seat", choices=[("1", "One")], required=False)
    tell = forms.BooleanField(label="Tell the officer", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)


class Strict(Sample):
    def clean(self):
        raise forms.ValidationError("The cycle is closed")


def test_form_with_errors_lists_them_first_and_links_each_to_its_field():
    html = str(Sample({"kind": "v"}))

    summary = html[: html.index("</div>")]
    assert "There is a problem" in summary
    assert '<a href="#id_why">Say why D2 Public meeting is red</a>' in summary
    assert '<a href="#id_value_0">Rate D2</a>' in summary
    for target in re.findall(r'href="#([\w]+)"', summary):
        assert f'id="{target}"' in html


def test_form_error_that_belongs_to_no_field_is_in_the_summary():
    assert '<a href="#main">The cycle is closed</a>' in str(Strict({"why": "x", "value": "red", "kind": "v"}))


def test_field_in_error_says_so_beside_itself_and_to_a_listener():
    html = str(Sample({})["why"].as_field_group())

    assert '<p class="error" id="id_why_error">Say why D2 Public meeting is red</p>' in html
    assert 'aria-describedby="id_why_helptext id_why_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="textarea"' in html


def test_field_without_error_has_label_help_and_control():
    html = str(Sample()["why"].as_field_group())

    assert '<label for="id_why">Why red</label>' in html
    assert 'id="id_why_helptext">In one or two sentences' in html
    assert "error" not in html


def test_group_of_radios_is_a_fieldset_with_its_legend():
    html = str(Sample()["kind"].as_field_group())

    assert "<legend>Kind</legend>" in html
    assert '<label for="id_kind_0">Visit</label>' in html
    assert html.count('type="radio"') == 2


def test_rating_offers_four_boxes_with_words_and_never_not_assessed():
    html = str(Sample({"value": "amber"})["value"].as_field_group())

    assert re.findall(r"<span>([\w ]+)</span>", html) == ["Green", "Amber", "Red", "Less relevant"]
    assert re.findall(r'value="(\w+)"[^>]*checked', html) == ["amber"]
    assert 'class="rating s-a"' in html


def test_day_is_asked_with_the_browsers_picker():
    html = str(Sample(initial={"due": "2010-11-19"})["due"])

    assert 'type="date"' in html
    assert 'value="2010-11-19"' in html
    assert 'class="input input--date"' in html


def test_tick_has_its_label_after_it():
    html = str(Sample()["tell"].as_field_group())

    assert html.index("<input") < html.index("<label")
    assert html.count("<label") == 1


def test_hidden_field_has_no_label_and_no_class():
    html = str(Sample())

    assert '<input type="hidden" name="version" value="3" id="id_version">' in html


def test_class_given_by_a_form_is_kept():
    class Own(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"class": "input input--number"}))

    assert 'class="input input--number"' in str(Own()["name"])


def test_what_was_typed_comes_back_as_text():
    html = str(Sample({"why": "</textarea><script>alert(1)</script>"}))

    assert "<script>" not in html


def test_page_title_says_when_the_form_has_errors(rf):
    for data, begins in (({}, "<title>Error: "), (None, "<title>Page")):
        html = render_to_string("base.html", {"form": Sample(data)}, request=None)
        assert begins in html
