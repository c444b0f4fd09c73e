import pytest

from maestro.lib import whole


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" 7 ", 7), ("0", 0), ("123456789", 123456789)])
def test_a_whole_number_is_read(text, number):
    assert whole.number(text) == number


@pytest.mark.parametrize("text", ["", None, "-1", "1.5", "1e3", "1_0", "²", "٣", "1234567890", "9" * 5000])
def test_nothing_else_is_one(text):
    assert whole.number(text) is None
