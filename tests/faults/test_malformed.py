"""Fifty thousand malformed files: each is read as it is meant, or stops with the line that cannot be read."""

from tests.parts.reading import verify

FILES = 50_000


def test_malformed_files_are_read_as_they_are_meant_or_refused_by_line(tmp_path, monkeypatch, report):
    refused = sum(verify(seed, tmp_path / "file", monkeypatch) for seed in range(FILES))
    report(f"{FILES:,} malformed files: {refused:,} refused with their line, all others read as they are meant")
