"""What makes an answer that stands less sure than it looks, in words for whoever only reads it."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import apnumber


@dataclass(frozen=True)
class Doubts:
    """How many answers are last cycle's and not confirmed, have lapsed evidence, or wait for their proof."""

    carried: int
    lapsed: int
    waiting: int

    @property
    def sentence(self) -> str:
        """Empty where there is none."""
        told = []
        if self.carried:
            are = "answer is last cycle’s" if self.carried == 1 else "answers are last cycle’s"
            told.append(f"{_number(self.carried)} {are}, and not confirmed yet.")
        if self.lapsed:
            answers = "one answer" if self.lapsed == 1 else f"{apnumber(self.lapsed)} answers"
            told.append(f"The evidence for {answers} no longer holds.")
        if self.waiting:
            wait = "green waits for its proof" if self.waiting == 1 else "greens wait for their proof"
            told.append(f"{_number(self.waiting)} {wait}.")
        return " ".join(told)


def _number(count: int) -> str:
    return str(apnumber(count)).capitalize()
