"""Recipients and chunks while a sender holds them."""

FRESH, ASKED, DURABLE, DENIED = range(4)           # how far the hand-over of a row has come


class Row:
    """A recipient in the hands of this sender."""

    __slots__ = ("attempt", "body", "chunk", "drops", "envelope", "fence", "grade", "lane", "number", "outcome",
                 "person")

    def __init__(self, chunk, person):
        self.chunk, self.person = chunk, person
        self.number, self.attempt, self.fence = person["number"], person["attempt"], chunk.fence
        self.grade, self.drops = FRESH, 0
        self.lane = self.outcome = self.body = self.envelope = None

    @property
    def key(self):
        return self.number, self.chunk.number, self.fence


class Held:
    """A chunk in our hands, and how many of its rows are not settled."""

    def __init__(self, claim):
        self.claim = claim
        self.number, self.fence, self.open = claim.number, claim.fence, len(claim.rows)
