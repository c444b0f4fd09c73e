"""Pictures told by their content, never by their name."""

SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF87a": "image/gif",
         b"GIF89a": "image/gif"}


def kind(data):
    """The media type of a picture that a page may show; None for everything else, SVG too."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((name for sign, name in SIGNS.items() if data.startswith(sign)), None)
