from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.reference import load_framework
from boroughs.reference import load_boroughs
from cdrp_portal.reference import BadReferenceData
from committees.reference import load_committees
from recommendations.reference import load_action_plan, load_recommendations


class Command(BaseCommand):
    help = "Load the 32 boroughs, 30 criteria, 35 recommendations, known positions and committees."

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        try:
            self.stdout.write(
                f"{load_boroughs()} boroughs, {load_framework()} criteria, "
                f"{load_recommendations()} recommendations, {load_action_plan()} rows of the action plan, "
                f"{load_committees()} committees."
            )
        except BadReferenceData as error:
            raise CommandError(str(error)) from error
