"""What the pages of health checks, cycles and frameworks are sent: one module a noun."""

from assessments.forms.drafts import DraftForm
from assessments.forms.evidence import EvidenceEditForm, EvidenceForm, ProofForm
from assessments.forms.imports import AcceptForm, ImportForm
from assessments.forms.london import LondonForm
from assessments.forms.moderation import CommentForm, FlagForm, ModerateForm, ReasonForm, SeenForm
from assessments.forms.ratings import RatingForm, TextField
from assessments.forms.sets import BulkForm

__all__ = [
    "EvidenceEditForm",
    "EvidenceForm",
    "ProofForm",
    "AcceptForm",
    "BulkForm",
    "CommentForm",
    "DraftForm",
    "FlagForm",
    "ImportForm",
    "LondonForm",
    "ModerateForm",
    "RatingForm",
    "ReasonForm",
    "SeenForm",
    "TextField",
]
