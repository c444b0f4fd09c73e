"""Where the socket of the Redis that we start ourselves lies."""

import stat

import pytest

from maestro.lib import redis_server


@pytest.mark.parametrize("length, fits", [(107, True), (108, False)])
def test_a_socket_path_has_at_most_107_bytes(length, fits):
    assert redis_server.fits("/" + "x" * (length - 1)) is fits


def test_bytes_count_and_not_letters():
    assert not redis_server.fits("/" + "ü" * 60)


def test_a_short_folder_is_used_as_it_is(tmp_path):
    socket = tmp_path / "data" / "redis.sock"
    assert redis_server.prepare(socket, tmp_path / "run") == socket
    assert not (tmp_path / "run").exists()


def test_a_long_one_gets_a_private_folder_that_a_link_leads_to(tmp_path):
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    socket = redis_server.prepare(folder / "redis.sock", folder / "run")
    assert redis_server.fits(socket)
    assert socket == (folder / "run").resolve() / "redis.sock"
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert redis_server.prepare(folder / "redis.sock", folder / "run") == socket
    socket.parent.rmdir()
    again = redis_server.prepare(folder / "redis.sock", folder / "run")
    assert again.parent.is_dir()
    again.parent.rmdir()
