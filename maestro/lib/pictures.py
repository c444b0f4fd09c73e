"""Pictures that users give: opened and written anew, so that nothing travels with them but what is seen."""

import io

from PIL import Image, ImageOps

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/png", "WEBP": "image/webp"}    # read, what it becomes
MOST = 40_000_000                                  # points
QUALITY = 90


def anew(data):
    """(media type, bytes) of a still picture; None for what is no picture that a page may show, or has no end."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(KINDS)) as picture:
            if picture.width * picture.height > MOST:
                return None
            return KINDS[picture.format or ""], written(picture)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return None


def written(picture):
    """The first frame, upright, without the notes, colour profiles and bytes behind the end that came along."""
    kind = KINDS[picture.format].partition("/")[2]
    upright = ImageOps.exif_transpose(picture)
    clean = upright.convert("RGBA" if upright.has_transparency_data and kind != "jpeg" else "RGB")
    clean.info = {}
    made = io.BytesIO()
    clean.save(made, kind, optimize=True, quality=QUALITY)
    return made.getvalue()
