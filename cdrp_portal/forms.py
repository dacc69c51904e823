"""How every form of the portal is drawn: label above, help under it, errors as sentences."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from cdrp_portal.status import Status

CLASS_OF_WIDGET: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, ""),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.DateInput, "input input--date"),
    (forms.NumberInput, "input input--number"),
    (forms.widgets.Input, "input"),
)


def css_class_of(widget: forms.Widget) -> str:
    return next((name for kind, name in CLASS_OF_WIDGET if isinstance(widget, kind)), "")


class PortalBoundField(forms.BoundField):
    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> Any:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        name = css_class_of(widget)
        if name and not widget.is_hidden and "class" not in widget.attrs:
            attrs.setdefault("class", name)
        return attrs

    @property
    def first_input_id(self) -> str:
        """Where a link of the error summary leads: a group of radios has no id of its own."""
        return self.id_for_label or f"{self.auto_id}_0"

    @property
    def drawn_as(self) -> str:
        """What the field's template draws: "rating", "choices", "tick" or "control"."""
        widget = self.field.widget
        if isinstance(widget, RatingRadios):
            return "rating"
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        return "tick" if isinstance(widget, forms.CheckboxInput) else "control"


class PortalRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = PortalBoundField


class DayInput(forms.DateInput):
    """The browser's own date picker: it speaks the reader's language and sends year-month-day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class RatingRadios(forms.RadioSelect):
    """Four ratings as boxes: a rating once given is changed, not taken back to "not assessed"."""

    template_name = "forms/ratings.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            attrs, choices=[choice for choice in Status.choices if choice[0] != Status.NOT_ASSESSED]
        )

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["status"] = Status(option["value"])
        return option
