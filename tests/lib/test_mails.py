from maestro.lib.mails import Mail

BOTH = b"""From: a@example.org\r
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
\r
See https://example.org/a and http://example.org/b.\r
--x\r
Content-Type: text/html; charset=utf-8\r
\r
<p>See <a href="https://example.org/a">this <b>page</b></a> <a>none</a> <a href="/b"><img alt="Picture" src="x"></a>\r
--x--\r
"""


def test_a_mail_is_taken_apart():
    mail = Mail(BOTH)
    assert ("Subject", "Grüße") in mail.headers
    assert mail.text.startswith("See https") and "<b>page</b>" in mail.html
    assert mail.links == [("this page", "https://example.org/a"), ("Picture", "/b")]
    assert mail.attachments == [] and mail.source.startswith("From: a@example.org")


def test_without_html_the_links_are_those_of_the_text():
    mail = Mail(b"Subject: x\r\n\r\nSee https://example.org/a\r\n")
    assert mail.html == "" and mail.links == [("", "https://example.org/a")]


def test_an_attachment_is_named_with_its_size():
    raw = (b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\nContent-Type: text/csv\r\n"
           b"Content-Disposition: attachment; filename=a.csv\r\n\r\n12345\r\n--x--\r\n")
    assert Mail(raw).attachments == [("a.csv", 5)]


def test_a_broken_mail_is_shown_as_far_as_it_goes():
    assert Mail(b"\xff\xfe\r\n\r\n").source
    assert Mail(b"").links == []
