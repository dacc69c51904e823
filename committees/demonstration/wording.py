"""Invented reasons and next steps for the ratings of the demonstration.

For each criterion: green, amber, red, and the next step of an amber or red. `{month}` is a month before
the rating, `{later}` one after it.
"""

from typing import NamedTuple


class Wording(NamedTuple):
    green: str
    amber: str
    red: str
    next_step: str


WORDING = {
    "A1": Wording(
        "The strategy group's constitution of {month} names the Authority as a member.",
        "The Authority is invited to the strategy group but its constitution does not name it.",
        "The Authority is not on the strategy group's membership list.",
        "Ask the partnership to name the Authority in its constitution.",
    ),
    "A2": Wording(
        "Link member appointed at the annual meeting; the partnership was told in {month}.",
        "Link member appointed, but the partnership still writes to the one before.",
        "The seat is vacant; the appointment ended in {month}.",
        "Put an appointment to the next meeting of the Authority.",
    ),
    "A3": Wording(
        "The link member attends in person and can speak for the Authority.",
        "An officer attended twice without authority to agree spending.",
        "Nobody who can speak for the Authority has attended since {month}.",
        "Agree who may speak for the Authority when the link member is away.",
    ),
    "A4": Wording(
        "Link member or officer at every meeting since {month}.",
        "Two of four meetings attended; the dates clashed with committee days.",
        "No meeting attended since {month}.",
        "Get the year's meeting dates and share them between member and officer.",
    ),
    "B1": Wording(
        "Role description and minimum standards approved in {month} and sent to every member.",
        "Role description approved; the minimum standards are still in draft.",
        "No role description has been approved.",
        "Put the minimum standards to the next meeting.",
    ),
    "B2": Wording(
        "Presentation on the Authority's role given to the partnership in {month}.",
        "The council knows the role; the health trust asked in {month} why the Authority attends.",
        "Partners took the link member for an officer of the police.",
        "Write to each partner with the one-page statement of the Authority's role.",
    ),
    "B3": Wording(
        "Member and officer both briefed in {month}; training record held.",
        "Officer trained; the member's briefing was put off to {later}.",
        "Neither the member nor the officer has been briefed.",
        "Hold the briefing before the partnership's next meeting.",
    ),
    "B4": Wording(
        "Map of the London-wide agencies' roles agreed in {month}.",
        "Map drafted; two agencies have not answered.",
        "No map of the London-wide agencies' roles is held.",
        "Agree the map with the two agencies that have not answered.",
    ),
    "C1": Wording(
        "The Authority's survey figures were used in the assessment of {month}.",
        "Comments were sent after the draft assessment had been agreed.",
        "The Authority was not asked for the strategic assessment.",
        "Agree with the analyst when figures are wanted for the next assessment.",
    ),
    "C2": Wording(
        "Link member took part in the priorities meeting of {month}.",
        "The priorities were sent for comment; nobody from the Authority was in the room.",
        "The plan's priorities were set without the Authority.",
        "Ask for a seat at the next priorities meeting.",
    ),
    "C3": Wording(
        "Section 2 of the plan shows how it fits the policing plan and the national priorities.",
        "The plan names the force's priorities but not the national ones.",
        "The plan does not say how it fits any other.",
        "Send the partnership the timetable for fitting plans together.",
    ),
    "C4": Wording(
        "Three local targets on anti-social behaviour, one of them in the policing plan.",
        "Local targets are set but none has reached the policing plan.",
        "No local target on anti-social behaviour.",
        "Propose the local target for the next policing plan.",
    ),
    "C5": Wording(
        "Nine of nine actions of the joint engagement meeting are in the partnership plan.",
        "Four of nine actions of the joint engagement meeting are in the plan.",
        "None of the joint engagement meeting's actions has reached the plan.",
        "Trace each action of the joint engagement meeting to the plan.",
    ),
    "C6": Wording(
        "Shared targets in the Local Area Agreement; the two boards have one chair.",
        "Targets are shared, but the two boards have not met together since {month}.",
        "The partnership and the strategic partnership work apart.",
        "Ask for crime and disorder on the strategic partnership's next agenda.",
    ),
    "D1": Wording(
        "Answers of 1,140 residents are quoted in the strategic assessment of {month}.",
        "Street survey and ward panels quoted, but only from two wards.",
        "The assessment quotes no local view.",
        "Use the panel's survey in the next assessment.",
    ),
    "D2": Wording(
        "Public meeting held in {month}; all five authorities sent a senior officer.",
        "Public meeting held in {month}, without a senior health officer.",
        "No public meeting this year; the date in {month} was cancelled when the venue closed.",
        "Fix a date with the council and all the partners.",
    ),
    "D3": Wording(
        "The voluntary action council holds a seat and came to each meeting.",
        "A seat for the voluntary sector exists but has been empty since {month}.",
        "No community or voluntary body is represented.",
        "Ask the voluntary action council to name somebody.",
    ),
    "D4": Wording(
        "Those who answered match the borough by age, sex and ethnicity.",
        "Young people were a twentieth of the answers and a quarter of the borough.",
        "Only those who came to the town hall were asked.",
        "Use the consultation guidance for the next round.",
    ),
    "E1": Wording(
        "Protocol signed by all six partners in {month}; used weekly for joint tasking.",
        "Partners follow the protocol, but its review fell due in {month} and one has not signed.",
        "No protocol has been signed.",
        "Agree the revised protocol with all six partners.",
    ),
    "E2": Wording(
        "Every borough's strategy, targets and performance are held as at {month}.",
        "Strategies are held for all boroughs; targets for about half.",
        "No record of strategies and targets is kept.",
        "Ask the remaining boroughs for their targets.",
    ),
    "E3": Wording(
        "Analyst in post since {month}; latest analysis read at each meeting.",
        "Analyst in post half-time; data from the health trust come late.",
        "The analyst's post has been empty since {month}.",
        "Ask the force for an analyst's time until the post is filled.",
    ),
    "F1": Wording(
        "Performance report read at each meeting; last one {month}.",
        "Performance is reported twice a year, without targets beside it.",
        "No performance report since {month}.",
        "Ask for a quarterly report with targets beside the figures.",
    ),
    "F2": Wording(
        "Borough-by-borough monitoring received each quarter, last in {month}.",
        "Monitoring received, but for 26 of 32 boroughs.",
        "No borough-by-borough monitoring received since {month}.",
        "Agree a quarterly return with the force.",
    ),
    "F3": Wording(
        "Six-monthly report sent in {month}.",
        "Report given by word of mouth; the written one is due.",
        "No report in the last six months.",
        "Send the six-monthly report before the next meeting.",
    ),
    "F4": Wording(
        "This assessment is made twice a year and its action plan is reported.",
        "Assessment made; its action plan has not been to the committee since {month}.",
        "The Authority has not reviewed its own role.",
        "Take the action plan to the next meeting of the sub-committee.",
    ),
    "G1": Wording(
        "A named officer supports the link member; last met in {month}.",
        "The named officer covers nine boroughs at present.",
        "No officer is named.",
        "Name an officer for the borough.",
    ),
    "G2": Wording(
        "Link member consulted in {month}, before the spending plan was sent.",
        "Link member told after the spending plan had been sent.",
        "Link member not consulted on the fund this year.",
        "Agree with the borough commander when the member is consulted.",
    ),
    "G3": Wording(
        "Nine tenths of the fund spent on the plan's priorities by {month}.",
        "A third of the fund was unspent at {month}.",
        "Half the fund went to work outside the plan's priorities.",
        "Ask the borough commander for a profile of the rest of the year.",
    ),
    "H1": Wording(
        "Impact assessment of the strategy published in {month}.",
        "Impact assessment done for two of the five priorities.",
        "No impact assessment of the strategy.",
        "Assess the remaining priorities with the council's adviser.",
    ),
    "I1": Wording(
        "Two case studies sent to the other boroughs in {month}.",
        "Good practice is shared within the borough only.",
        "No good practice has been collected.",
        "Write up the work on one estate as a case study.",
    ),
}

LESS_RELEVANT = "The guidance is national; this is arranged for London as a whole."
GENERATED = Wording(
    "In place since {month}.",
    "Partly in place since {month}.",
    "Not in place.",
    "Agree a date with the partners.",
)
