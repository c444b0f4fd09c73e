"""Pictures are written anew: what was hidden in them is gone, and what is none is refused."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from maestro.lib import pictures

SCRIPT = b"<script>alert(1)</script>"


def picture(kind, mode="RGB", size=(30, 20), **options):
    made = io.BytesIO()
    Image.new(mode, size, 100).save(made, kind, **options)
    return made.getvalue()


def notes():
    """EXIF with a comment, for a picture that lies on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SCRIPT.decode()
    return exif.tobytes()


def empty_png(width, height):
    """A PNG that says how large it is, and little more."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def archive():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("evil.class", SCRIPT)
    return made.getvalue()


@pytest.mark.parametrize(("kind", "mode", "becomes"), [
    ("PNG", "RGB", "image/png"), ("PNG", "P", "image/png"), ("PNG", "1", "image/png"), ("PNG", "I;16", "image/png"),
    ("PNG", "LA", "image/png"), ("JPEG", "L", "image/jpeg"), ("JPEG", "CMYK", "image/jpeg"), ("GIF", "P", "image/png"),
    ("WEBP", "RGBA", "image/webp")])
def test_every_sort_is_read_and_written_anew(kind, mode, becomes):
    found, data = pictures.anew(picture(kind, mode))
    with Image.open(io.BytesIO(data)) as seen:
        assert (found, seen.get_format_mimetype(), seen.size) == (becomes, becomes, (30, 20))


@pytest.mark.parametrize("given", [
    picture("JPEG", exif=notes()), picture("PNG", exif=notes()), picture("WEBP", exif=notes()),
    picture("JPEG", comment=SCRIPT), picture("GIF", comment=SCRIPT), picture("PNG") + SCRIPT,
    picture("GIF") + archive(), picture("JPEG", icc_profile=SCRIPT)])
def test_nothing_travels_with_a_picture(given):
    assert SCRIPT in given or b"evil.class" in given
    _, data = pictures.anew(given)
    assert SCRIPT not in data and b"evil.class" not in data and b"Exif" not in data


def test_a_picture_that_lies_on_its_side_is_put_upright():
    with Image.open(io.BytesIO(pictures.anew(picture("JPEG", exif=notes()))[1])) as seen:
        assert seen.size == (20, 30)


def test_what_is_clear_stays_clear():
    with Image.open(io.BytesIO(pictures.anew(picture("PNG", "LA"))[1])) as seen:
        assert seen.has_transparency_data


def test_of_many_frames_the_first_is_kept():
    frames = [Image.new("P", (9, 9), number) for number in range(3)]
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(pictures.anew(made.getvalue())[1])) as seen:
        assert getattr(seen, "n_frames", 1) == 1


@pytest.mark.parametrize("given", [
    b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html>" + SCRIPT, archive(),
    picture("PNG")[:-30], picture("BMP"), picture("TIFF"), b"RIFF\x04\0\0\0WEBPVP8 ", empty_png(50_000, 50_000),
    empty_png(9000, 5000), b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_or_a_bomb_is_refused(given):
    assert pictures.anew(given) is None
