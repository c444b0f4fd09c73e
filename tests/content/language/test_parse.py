import pytest

from maestro.content.language.nodes import NESTING, SEGMENTS, Block, Field, Literal, MergeError, Source, SystemUrl, Text
from maestro.content.language.parse import DEPTH, parse
from maestro.content.language.words import DropIn, Words
from maestro.lib.conditions import Question
from tests.content.samples import FIELDS, NAUGHTY, TODAY, WORDS


def nodes(text, part="text", words=WORDS):
    return parse(Source(part, text), words)


def with_dropins(**dropins):
    return Words(FIELDS, dropins={name: DropIn(*found) if isinstance(found, tuple) else DropIn(found)
                                  for name, found in dropins.items()}, today=TODAY)


@pytest.mark.parametrize(("text", "expected"), [
    ("", ()), ("plain", (Text("plain"),)), ("{{first}}", (Field("first"),)), ("{{ FIRST }}", (Field("first"),)),
    ("a {{first|you}} b", (Text("a "), Field("first", "you"), Text(" b"))),
    ('{{first|"a b "}}', (Field("first", "a b "),)),
    ("{{first|}}", (Field("first"),)), ("&FIRST;", (Field("first"),)), ("&first;", (Text("&first;"),)),
    ("&First;", (Text("&First;"),)), ("&FIRST", (Text("&FIRST"),)), ("&NOBODY;", (Text("&NOBODY;"),)),
    ("&COPY;", (Text("&COPY;"),)), ("&AMP;&amp;&", (Text("&AMP;&amp;&"),)), ("}} {a}", (Text("}} {a}"),)),
    ("{{*JobID}}", (Literal("261122A"),)), ("{{*jobid}}", (Literal("261122A"),)),
    ("{{* ListName }}", (Literal("Offers"),)),
    ("{{*UnsubscribeURL}}", (SystemUrl("unsubscribeurl"),)),
    ("{{*ViewInBrowserURL}}", (SystemUrl("viewinbrowserurl"),)),
    ("{{*Date}}", (Literal("22 November 2026"),)), ("{{*Date EEE, dd.MM.yy}}", (Literal("Sun, 22.11.26"),)),
    ("{{*Date 'd' MMM yyyy}}", (Literal("d Nov 2026"),)), ("{{*Date MM/dd/yyyy}}", (Literal("11/22/2026"),)),
    ("a\n.* gone\nb", (Text("a\n"), Text("b"))), ("a .* stays", (Text("a .* stays"),)), (".* only", ()),
    ("a\r\nb\rc", (Text("a\nb\nc"),)), (".BBQ\n.EBB", (Text(".BBQ\n.EBB"),)), (" .BB x", (Text(" .BB x"),)),
])
def test_what_a_source_consists_of(text, expected):
    assert nodes(text) == expected


def test_a_block_has_branches():
    gold, rich = Question("gold", "yesno", "=", True), Question("points", "number", ">", 5)
    assert nodes("a\n.BB &GOLD\nb\n.elseif &POINTS > 5\nc\n.ELSE\nd\n.EB\ne") == (
        Text("a\n"), Block(((gold, (Text("b\n"),)), (rich, (Text("c\n"),)), (None, (Text("d\n"),)))), Text("e"))


def test_blocks_nest():
    [outer] = nodes(".BB gold\n.BB points = 1\nx\n.EB\n.EB")
    [(_, [inner])] = outer.branches
    assert inner.branches[0][1] == (Text("x\n"),)


def test_an_html_editor_may_have_written_entities():
    [block] = nodes(".BB &POINTS &lt; 5 and &FIRST; = &quot;R&amp;D&quot;\n.EB", "html")
    assert block.branches[0][0].parts[1].given == "R&D"
    assert nodes("{{first|R&amp;D}}", "html") == (Field("first", "R&D"),)
    assert nodes("{{first|R&amp;D}}") == (Field("first", "R&amp;D"),)


@pytest.mark.parametrize(("text", "line", "column", "words"), [
    ("{{nobody}}", 1, 1, "no field or drop-in nobody"), ("a\nb {{frist}}", 2, 3, "Did you mean first"),
    ("{{}}", 1, 1, "(empty)"),
    ("{{7*7}}", 1, 1, "no field"), ("{{first.__class__}}", 1, 1, "no field"), ("x\n{{first", 2, 1, "not closed"),
    ("{{*Nothing}}", 1, 1, "*UnsubscribeURL"), ("{{*JobID x}}", 1, 1, "no system drop-in"),
    (".EB", 1, 1, "without .BB"),
    (".ELSE", 1, 1, "without .BB"), ("a\n.BB gold\nb", 2, 1, ".EB is missing"),
    (".BB gold\n.ELSE\n.ELSE\n.EB", 3, 1, "follow"),
    (".BB gold\n.ELSE\n.ELSEIF gold\n.EB", 3, 1, "follow .ELSE"), (".BB gold\n.EB gold", 2, 1, "Nothing may follow"),
    (".BB\n.EB", 1, 1, "character 1"), (".BB &NOBODY = 1\n.EB", 1, 1, "no field NOBODY"),
    (".BB gold\n.ELSEIF\n.EB", 2, 1, "charac"),
    ("{{first|{{last}}}}", 1, 1, "not closed"), (".BB gold\n" * (NESTING + 1), NESTING + 1, 1, "nested"),
    ("{{first}}" * (SEGMENTS + 1), 1, 9 * SEGMENTS + 1, "at most 2,000"), ("x" * 1_000_001, 1, 1, "at most 1,000,000"),
])
def test_errors_name_the_place(text, line, column, words):
    with pytest.raises(MergeError) as refusal:
        nodes(text)
    assert (refusal.value.field, refusal.value.line, refusal.value.column) == ("text", line, column)
    assert words in refusal.value.sentence and refusal.value.sentence[-1] in ".?"


def test_drop_ins_are_sources_themselves():
    words = with_dropins(greeting="Dear {{first}},\n{{place}}", place=".BB gold\nhere\n.EB\nthere")
    found = nodes("{{greeting}}!", words=words)
    assert found[:3] == (Text("Dear "), Field("first"), Text(",\n"))
    assert isinstance(found[3], Block) and found[4:] == (Text("there"), Text("!"))


def test_a_plain_drop_in_is_escaped_in_html_and_an_html_one_is_not():
    words = with_dropins(plain=("a < b\n.BB gold\nc\n.EB", False), rich=("<b>{{first}}</b>", True))
    found = nodes("{{plain}}", "html", words)
    assert found[0] == Literal("a < b\n") and found[1].branches[0][1] == (Literal("c\n"),)
    assert nodes("{{rich}}", "html", words) == (Text("<b>"), Field("first"), Text("</b>"))


@pytest.mark.parametrize(("dropins", "words"), [
    ({"one": "{{one}}"}, "contains itself"), ({"one": "{{two}}", "two": "{{one}}"}, "contains itself"),
    ({"one": ("<b>", True)}, "cannot stand in plain text"),
    ({"one": "x\n{{nobody}}"}, "In the drop-in one, line 2: There is no"),
    ({"one": "{{two}}{{two}}", "two": "x" * 600_000}, "at most"),
    ({"one": "{{d0}}", **{f"d{n}": f"{{{{d{n + 1}}}}}" for n in range(DEPTH)}, f"d{DEPTH}": "x"}, "nested at most"),
])
def test_a_drop_in_cannot_be_endless_or_misplaced(dropins, words):
    with pytest.raises(MergeError) as refusal:
        nodes("a\nbc{{one}}", words=with_dropins(**dropins))
    assert words in refusal.value.sentence
    assert (refusal.value.line, refusal.value.column) == (2, 3)


ATTACKS = ["{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% import os %}", "{{ ''.__class__.__mro__ }}", "{{config}}",
           "@(1+1)",
           "*{7*7}", "{{request['application']}}", "{php}echo 1;{/php}", "[[${7*7}]]", "{{'a'*200000000}}", "{{*}}",
           "{{|}}",
           "{{first|{{7*7}}", "{{{{first}}}}", ".BB ", "{{range.constructor('return 1')()}}", "&{{first}};", "\x00{{",
           "{{\n}}"]


@pytest.mark.parametrize("text", ATTACKS + NAUGHTY, ids=range(len(ATTACKS + NAUGHTY)))
@pytest.mark.parametrize("part", ["text", "html"])
def test_no_source_does_more_than_stand_there_or_be_refused(text, part):
    try:
        found = nodes(text, part)
    except MergeError:
        return
    plain = "".join(node.text for node in found if isinstance(node, Text))
    assert all(isinstance(node, Text | Field) for node in found)
    assert plain in text.replace("\r\n", "\n").replace("\r", "\n") or any(isinstance(node, Field) for node in found)
