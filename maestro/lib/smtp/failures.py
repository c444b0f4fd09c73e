"""How long each step of SMTP may take, and how one that did not succeed is told."""

CONNECT, GREETING, EHLO, TLS, AUTH = "connect", "greeting", "EHLO", "STARTTLS", "AUTH"
IDLE, RESET, MAIL, RCPT, DATA, BODY, END = "idle", "RSET", "MAIL FROM", "RCPT TO", "DATA", "body", "end of data"

LIMITS = {                                         # seconds; RFC 5321, section 4.5.3.2
    CONNECT: 30, GREETING: 300, EHLO: 300, TLS: 60, AUTH: 120, IDLE: 600, RESET: 300, MAIL: 300, RCPT: 300, DATA: 120,
    BODY: 180, END: 600,
}


class Failure(Exception):
    """A session that could not go on: in which phase, and by which answer or in which words."""

    def __init__(self, phase, words, reply=None, lasting=False):
        super().__init__(words)
        self.phase = phase
        self.words = words
        self.reply = reply
        self.lasting = lasting                     # the server refuses us; asking again changes nothing

    def __str__(self):
        return f"{self.words} ({self.phase})"
