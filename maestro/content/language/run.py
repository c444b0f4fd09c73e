"""One message in the making: what its slots are filled from."""


class Run:
    """A person's values and tokens. A token is minted when a slot first asks for it."""

    __slots__ = ("maker", "person", "today", "tokens", "values")

    def __init__(self, values, person, maker, today):
        self.values = values
        self.person = person
        self.maker = maker
        self.today = today
        self.tokens = {}

    def token(self, kind):
        if kind not in self.tokens:
            self.tokens[kind] = self.maker.mint(kind, *self.identity(kind))
        return self.tokens[kind]

    def identity(self, kind):
        """The id, and the epoch where there is one, that tokens of `kind` carry."""
        person = self.person
        if kind == "u":
            return person.unsubscribe
        if kind == "p":
            return person.profile
        return (person.job << 32 | (person.reader if kind == "o" else person.number),)

    def link(self, number):
        """The token of a link; the same in both parts of the message."""
        if number not in self.tokens:
            self.tokens[number] = self.signed(number)
        return self.tokens[number]

    def signed(self, number, data=""):
        return self.maker.mint_link(self.person.job << 32 | self.person.reader, 0, number, data.encode())
