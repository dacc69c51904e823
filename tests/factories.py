"""The cast's building blocks. Every person made here is invented."""

from datetime import date, timedelta
from hashlib import sha256

import factory
import pgtrigger
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments.actions.sets import standing
from assessments.models import (
    ChangedRating,
    ChangeSet,
    Comment,
    Criterion,
    Evidence,
    Framework,
    HealthCheck,
    Rating,
    ReviewCycle,
    Theme,
)
from boroughs.models import Borough, BoroughLink, Meeting
from committees.models import Committee, CommitteeMeeting, Paper, PaperSection, PaperTemplate
from recommendations.models import Action, ActionPlan, KeyPoint, LeadUnit, Recommendation, Scrutiny

PASSWORD = "london-32-boroughs"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Demo Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@demo.test")
    role = Role.READER

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(password=kwargs.pop("password", None), **kwargs)


def _in_three_letters(number: int) -> str:
    """Enough labels for as many boroughs as a whole run of the tests makes: a thousand numbers are not."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(letters[number // len(letters) ** place % len(letters)] for place in (2, 1, 0))


class BoroughFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Borough

    name = factory.Sequence(lambda n: f"Borough {n:03d}")
    slug = factory.Sequence(lambda n: f"borough-{n:03d}")
    gss_code = factory.Sequence(lambda n: f"X{n:08d}")
    tile_label = factory.Sequence(_in_three_letters)
    tile_column = factory.Sequence(lambda n: 100 + n % 100)
    tile_row = factory.Sequence(lambda n: 100 + n // 100)
    is_inner = False
    is_inner_statistical = False


class BoroughLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BoroughLink

    borough = factory.SubFactory(BoroughFactory)
    person = factory.SubFactory(UserFactory, role=Role.EPO)
    kind = BoroughLink.Kind.OFFICER
    period = factory.LazyFunction(lambda: (timezone.localdate() - timedelta(days=30), None))


class MeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Meeting

    borough = factory.SubFactory(BoroughFactory)
    title = "Community safety partnership"
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    venue = "Town Hall, room 2"


class FrameworkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Framework

    name = factory.Sequence(lambda n: f"Framework {n}")
    published_on = date(2009, 6, 1)


class AskedFactory(factory.django.DjangoModelFactory):
    """Worlds are built in an order that the database refuses: a cycle first, then what it asks."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with pgtrigger.ignore(
            "assessments.Theme:asked_framework_takes_no_theme",
            "assessments.Criterion:asked_framework_takes_no_criterion",
        ):
            return super()._create(model_class, *args, **kwargs)


class ThemeFactory(AskedFactory):
    class Meta:
        model = Theme

    framework = factory.SubFactory(FrameworkFactory)
    code = factory.Sequence(lambda n: chr(65 + n % 26))
    title = factory.LazyAttribute(lambda theme: f"Theme {theme.code}")


class CriterionFactory(AskedFactory):
    class Meta:
        model = Criterion

    theme = factory.SubFactory(ThemeFactory)
    position = factory.Sequence(lambda n: n)
    code = factory.LazyAttribute(lambda criterion: f"{criterion.theme.code}{criterion.position % 90 + 1}")
    short_title = factory.LazyAttribute(lambda criterion: f"Criterion {criterion.code}")
    authority_wording = "The Authority does it everywhere"
    borough_wording = "The Authority does it here"


class ReviewCycleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReviewCycle

    framework = factory.SubFactory(FrameworkFactory)
    name = factory.Sequence(lambda n: f"Cycle {n}")
    slug = factory.Sequence(lambda n: f"cycle-{n}")
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=30))
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))


class HealthCheckFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = HealthCheck

    cycle = factory.SubFactory(ReviewCycleFactory)
    borough = factory.SubFactory(BoroughFactory)


class RatingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Rating

    health_check = factory.SubFactory(HealthCheckFactory)
    criterion = factory.SubFactory(CriterionFactory)


class ChangeSetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ChangeSet

    cycle = factory.SubFactory(ReviewCycleFactory)
    kind = ChangeSet.Kind.BULK
    title = factory.Sequence(lambda n: f"Set {n}")
    made_at = factory.LazyFunction(timezone.now)
    made_by = factory.SubFactory(UserFactory, role=Role.HEAD)


class ChangedRatingFactory(factory.django.DjangoModelFactory):
    """A rating that its set left as it stood: only who may see it matters to whoever uses this."""

    class Meta:
        model = ChangedRating

    rating = factory.SubFactory(RatingFactory)
    change_set = factory.SubFactory(
        ChangeSetFactory, cycle=factory.SelfAttribute("..rating.health_check.cycle")
    )
    before = factory.LazyAttribute(lambda change: standing(change.rating))
    after = factory.LazyAttribute(lambda change: standing(change.rating))
    version = factory.SelfAttribute("rating.version")


class CommentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Comment

    rating = factory.SubFactory(RatingFactory)
    text = "Which minute shows it?"
    written_at = factory.LazyFunction(timezone.now)
    written_by = factory.SubFactory(UserFactory, role=Role.HEAD)


class EvidenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Evidence

    rating = factory.SubFactory(RatingFactory)
    title = "Minute 7"
    file = factory.LazyFunction(lambda: ContentFile(b"Held", name="minutes.txt"))
    file_name = "minutes.txt"
    content_type = "text/plain; charset=utf-8"
    size = 4
    sha256 = sha256(b"Held").hexdigest()
    dated_on = date(2010, 8, 31)
    added_at = factory.LazyFunction(timezone.now)
    added_by = factory.SubFactory(UserFactory, role=Role.EPO)


class LeadUnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LeadUnit

    name = factory.Sequence(lambda n: f"Demo Lead Unit {n}")
    slug = factory.Sequence(lambda n: f"demo-lead-unit-{n}")


class ScrutinyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Scrutiny

    title = "Crime and Disorder Reduction Partnerships"
    slug = factory.Sequence(lambda n: f"scrutiny-{n}")
    reported_on = date(2003, 1, 30)


class RecommendationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Recommendation

    scrutiny = factory.SubFactory(ScrutinyFactory)
    number = factory.Sequence(lambda n: n + 1)
    plan_order = factory.SelfAttribute("number")
    theme = "Working with partners"
    short_title = factory.LazyAttribute(lambda recommendation: f"Recommendation {recommendation.number}")
    full_text = "All CDRPs should do this."
    responsible_body = "MPA"


class ActionPlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActionPlan

    name = factory.Sequence(lambda n: f"Plan {n}")
    slug = factory.Sequence(lambda n: f"plan-{n}")
    body = "MPS"


class KeyPointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KeyPoint

    recommendation = factory.SubFactory(RecommendationFactory)
    text = factory.Sequence(lambda n: f"Key point {n}")


class ActionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Action

    key_point = factory.SubFactory(KeyPointFactory)
    lead_unit = factory.SubFactory(LeadUnitFactory)
    text = factory.Sequence(lambda n: f"Action {n}")


class CommitteeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Committee

    code = factory.Sequence(lambda n: f"committee-{n}")
    name = factory.Sequence(lambda n: f"Committee {n}")


class CommitteeMeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CommitteeMeeting

    committee = factory.SubFactory(CommitteeFactory)
    held_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))


class PaperTemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaperTemplate

    name = factory.Sequence(lambda n: f"Template {n}")
    starts_on = date(2004, 1, 1)
    headings = factory.LazyFunction(
        lambda: [{"key": "recommendations", "one": "Recommendation", "many": "Recommendations", "text": ""}]
    )


class PaperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Paper

    meeting = factory.SubFactory(CommitteeMeetingFactory)
    number = factory.Sequence(str)
    title = "A demonstration paper"
    by_office = "Chief Executive"
    template = factory.SubFactory(PaperTemplateFactory)
    cut_off_on = factory.LazyFunction(timezone.localdate)


class PaperSectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaperSection

    paper = factory.SubFactory(PaperFactory)
    position = factory.Sequence(lambda n: n)
    key = factory.Sequence(lambda n: f"section-{n}")
    heading = "Supporting information"
