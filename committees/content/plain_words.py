"""How a criterion is spoken of to a link member: no codes, no jargon; and the question it leads to."""

from typing import NamedTuple


class PlainWords(NamedTuple):
    title: str
    question: str


PLAIN: dict[str, PlainWords] = {
    "A1": PlainWords(
        "A seat on the strategy group",
        "When will the partnership name the Authority as a member of its strategy group?",
    ),
    "A2": PlainWords("A named link member", "Who will hold the Authority’s seat, and from when?"),
    "A3": PlainWords(
        "Somebody who may speak for the Authority",
        "Who may speak for the Authority when the link member is away?",
    ),
    "A4": PlainWords(
        "Taking part in meetings", "Which of the coming meetings will the member or the officer attend?"
    ),
    "B2": PlainWords(
        "Partners know the Authority’s role",
        "Does each partner know what the Authority does here, and why it attends?",
    ),
    "B3": PlainWords("Briefing and training", "When will the member and the officer be briefed?"),
    "C1": PlainWords(
        "The strategic assessment", "When are the Authority’s figures wanted for the next assessment?"
    ),
    "C2": PlainWords(
        "Setting the plan’s priorities", "When are the next priorities set, and will we be in the room?"
    ),
    "C3": PlainWords("Plans that fit together", "How does the partnership’s plan fit the policing plan?"),
    "C4": PlainWords(
        "Anti-social behaviour", "Which local target on anti-social behaviour will reach the policing plan?"
    ),
    "C5": PlainWords(
        "Actions from the joint engagement meeting",
        "What has become of each action from the joint engagement meeting?",
    ),
    "C6": PlainWords(
        "Joined to the local strategic partnership",
        "Which targets does this partnership share with the local strategic partnership?",
    ),
    "D1": PlainWords("Local people’s views", "Where have local people’s views changed the priorities?"),
    "D2": PlainWords("Public meeting", "When will the public meeting be held, and who will chair it?"),
    "D3": PlainWords("Community seats", "Who speaks for community and voluntary groups in the partnership?"),
    "D4": PlainWords("Consultation", "Who has not been heard yet, and how will they be asked?"),
    "E1": PlainWords(
        "Information-sharing protocol", "What does each partner need before it will sign the protocol?"
    ),
    "E3": PlainWords("Analyst and data", "Who does the analysis, and which figures are missing?"),
    "F1": PlainWords(
        "The partnership’s own monitoring",
        "When will the partnership see its figures beside its targets?",
    ),
    "F3": PlainWords(
        "Six-monthly report", "What should the six-monthly report say, and when will it be sent?"
    ),
    "G1": PlainWords("A named officer", "Who supports the link member, and for how many boroughs?"),
    "G2": PlainWords(
        "Consulted on the £50,000", "How will the member be asked about the fund before the plan is sent?"
    ),
    "G3": PlainWords("The fund spent in the year", "What of the fund is left, and what will it pay for?"),
    "H1": PlainWords(
        "Equality impact", "Which priorities have not been looked at for their effect on equality?"
    ),
    "I1": PlainWords("Good practice shared", "What has worked here that another borough could use?"),
}

# Asked when fewer than three things call for a question.
ALWAYS_WORTH_ASKING = (
    "What has the partnership done this half-year that residents will have noticed?",
    "What does the partnership want from the Authority before the next meeting?",
    "Which of its greens is the hardest to keep?",
)


def plain_title(code: str, short_title: str) -> str:
    return PLAIN[code].title if code in PLAIN else short_title


def question_about(code: str, short_title: str) -> str:
    if code in PLAIN:
        return PLAIN[code].question
    return f"What would it take to have this in place, and by when: {short_title}?"
