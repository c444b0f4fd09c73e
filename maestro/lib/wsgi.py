"""What the few routes that do without Flask share with the others."""


def answer(start_response, status, body, headers):
    """Start a whole response and return its body."""
    start_response(status, [*headers, ("Content-Length", str(len(body))), ("X-Content-Type-Options", "nosniff")])
    return [body]


def reads_ahead(environ):
    """Whether a browser or a scanner says that it fetches this before anybody has asked for it."""
    announced = " ".join(environ.get(f"HTTP_{name}", "") for name in ("SEC_PURPOSE", "PURPOSE", "X_MOZ")).lower()
    return "prefetch" in announced or "preview" in announced
