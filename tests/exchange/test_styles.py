"""Ways of writing numbers, dates, answers and several choices."""

import pytest

from maestro.exchange import styles
from maestro.exchange.styles import Style
from maestro.lib.errors import Refused


@pytest.mark.parametrize("style, type, text, plain", [
    (Style(), "number", "1,234.50", "1234.50"),
    (Style(), "number", "1 234.5", "1234.5"),
    (Style(), "number", "12'345", "12345"),
    (Style(), "number", "1,5", "1,5"),
    (Style(decimal=","), "number", "1.234,50", "1234.50"),
    (Style(decimal=","), "number", "1,5", "1.5"),
    (Style(decimal=","), "number", "-1.234.567", "-1234567"),
    (Style(decimal=","), "number", "1.5", "1.5"),
    (Style(), "date", "2026-11-22", "2026-11-22"),
    (Style(), "date", "2026/1/2", "2026-01-02"),
    (Style(), "date", "2026-11-22T00:00:00", "2026-11-22"),
    (Style(), "date", "2026-11-22 00:00:00.000", "2026-11-22"),
    (Style(dates="dmy"), "date", "2.1.2026", "2026-01-02"),
    (Style(dates="mdy"), "date", "1/2/2026", "2026-01-02"),
    (Style(dates="dmy"), "date", "2026-11-22", "2026-11-22"),
    (Style(dates="dmy"), "date", "2.1.26", "2.1.26"),
    (Style(dates="dmy"), "date", "soon", "soon"),
    (Style(yes="ja, jawohl", no="nein"), "yesno", "JAWOHL", "yes"),
    (Style(yes="ja", no="nein"), "yesno", "nein", "no"),
    (Style(yes="ja"), "yesno", "T", "T"),
    (Style(several=";"), "choices", "a; b", ["a", "b"]),
    (Style(), "text", "1,5", "1,5"),
])
def test_a_value_is_brought_to_the_plain_form(style, type, text, plain):
    assert style.plain(type, text) == plain


@pytest.mark.parametrize("type, texts, guessed", [
    ("number", ["1,5", "2,25"], {"decimal": ","}),
    ("number", ["1.234,5", "7"], {"decimal": ","}),
    ("number", ["1,234", "5.5"], {"decimal": "."}),
    ("number", ["1", "2"], {"decimal": "."}),
    ("date", ["2026-11-22"], {"dates": "ymd"}),
    ("date", ["1.2.2026", "22.11.2026"], {"dates": "dmy"}),
    ("date", ["11/22/2026"], {"dates": "mdy"}),
    ("date", ["13/2/2026", "1/2/2026"], {"dates": "dmy"}),
    ("date", ["1/2/2026"], {"dates": "mdy"}),
    ("date", ["1.2.2026"], {"dates": "dmy"}),
    ("choices", ["a;b", "c"], {"several": ";"}),
    ("yesno", ["Ja", "nein", "Ja"], {"yes": "ja", "no": "nein"}),
    ("yesno", ["yes", "no"], {"yes": "", "no": ""}),
    ("yesno", ["Si", "No"], {"yes": "si", "no": ""}),
    ("yesno", ["maybe"], {"yes": "", "no": ""}),
])
def test_a_style_is_guessed_from_values(type, texts, guessed):
    found = vars(styles.guess({type: texts}))
    assert guessed.items() <= found.items()


def test_a_style_that_is_not_offered_is_refused():
    with pytest.raises(Refused):
        Style.of({"dates": "dym"})
