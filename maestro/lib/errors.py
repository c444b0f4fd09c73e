"""What can be refused. Each carries one plain sentence for the user, and the HTTP status of its answer."""


class MaestroError(Exception):
    """A refusal in words that the user understands. `field` names the input at fault, if it is one."""

    status = 400

    def __init__(self, sentence, field=None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Refused(MaestroError):
    """The input cannot be accepted as it is."""

    status = 422


class NotFound(MaestroError):
    """There is no such thing, or not for this user."""

    status = 404


class WrongState(MaestroError):
    """The thing is in a state in which this cannot be done; often somebody was faster."""

    status = 409


class Forbidden(MaestroError):
    """The user may see it but not do it."""

    status = 403


class TooMany(MaestroError):
    """A limit against abuse was reached; `retry_after` is in seconds."""

    status = 429

    def __init__(self, sentence, retry_after, field=None):
        super().__init__(sentence, field)
        self.retry_after = retry_after


class NotNow(MaestroError):
    """Nothing is wrong, only too early or too busy: try again later."""

    status = 503
