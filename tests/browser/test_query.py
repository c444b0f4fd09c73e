"""The editor of a query: the line at which an error points is marked until something is typed."""

from tests.browser.test_gates import open_context


def test_the_line_of_an_error_is_marked_and_found(chromium, live):
    context = open_context(chromium, live)
    page = context.new_page()
    page.goto(f"{live.url}/admin/importers/{live.things['importer_id']}/source")
    editor = page.locator(".cm-content")
    editor.fill("SELECT email\nFROM customers\nFOR UPDATE")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.locator(".cm-fault").inner_text() == "FOR UPDATE"
    page.get_by_role("link", name="Go to line 3").click()
    page.keyboard.type("-- ")
    page.locator(".cm-fault").wait_for(state="detached")
    assert page.locator("textarea[name=query]").input_value().endswith("\n-- FOR UPDATE")
    context.close()
