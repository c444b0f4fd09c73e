"""Answers of the few routes that do without Flask."""


def answer(start_response, status, body, headers):
    """Start a whole response and return its body."""
    start_response(status, [*headers, ("Content-Length", str(len(body))), ("X-Content-Type-Options", "nosniff")])
    return [body]
