"""What the pages of health checks, cycles and frameworks are sent: one module a noun."""

from assessments.forms.london import LondonForm
from assessments.forms.ratings import RatingForm, TextField

__all__ = ["LondonForm", "RatingForm", "TextField"]
