from datetime import timedelta
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from boroughs.models import Borough
from committees.demonstration import dating, evidence, life, papers, people, plan, ratings, scale, steps


class Command(BaseCommand):
    help = (
        "Create the demonstration: invented people, links, meetings, actions and ratings, dated from today."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--boroughs", type=int, default=32)
        parser.add_argument("--criteria", type=int, default=30)
        parser.add_argument("--cycles", type=int, default=3)
        parser.add_argument("--seed", type=int, default=2003)
        parser.add_argument("--without-papers", action="store_true", help="Leave the papers out.")

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError("Set DEMO=1: demonstration data belongs in a demonstration only.")
        if User.objects.exists():
            raise CommandError("There are people already. Demonstration data goes into an empty portal.")
        dating.ignore_nothing()
        random = Random(options["seed"])  # noqa: S311 (invented data, no secret)
        today = timezone.localdate()
        if not Borough.objects.exists():
            call_command("load_reference_data", stdout=self.stdout)
        scale.add_boroughs(options["boroughs"])
        scale.add_criteria(options["criteria"])
        cast = people.load_people()
        first_day = min(people.linked_since(today), ratings.opening_day(today, options["cycles"] - 1))
        dating.date_all(dating.moment(first_day - timedelta(days=28)))
        people.load_links(cast, today, random)
        scale.link_generated(cast.officers, first_day)
        cycles = ratings.load_cycles(today, options["cycles"], cast.head)
        ratings.load_ratings(cycles, cast.head, random)
        life.load_return(cycles[-1], today, cast.head)
        evidence.load_evidence(cycles[-1], today, cast.head)
        steps.hand_in_now(cycles[-1], ratings.officers_of(), cast.head)
        life.load_life(cycles[-1], cast.head)
        plan.load_meetings(today, cast.members[0], random)
        plan.load_actions(cycles[-1], today, random)
        plan.load_overdue(cycles[-1], today)
        plan.load_plan(today, cast.head)
        dating.put_in_order()
        if not options["without_papers"]:
            papers.load_papers(cycles[-1], today, cast.clerk)
        with connection.cursor() as cursor:
            # What was filled at one go is planned for as if it were empty until the tables are counted.
            cursor.execute("ANALYZE")
        self.stdout.write(
            f"{User.objects.count()} people, {Borough.objects.count()} boroughs, {len(cycles)} cycles. "
            f"Password for all: {people.PASSWORD}"
        )
