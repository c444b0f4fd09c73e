"""The condition builder and dependent menus with scripts: what is chosen is counted at once, by the keyboard alone."""

from tests.browser.test_gates import open_context


def test_a_condition_is_counted_as_it_is_clicked(chromium, live):
    context = open_context(chromium, live)
    page = context.new_page()
    page.goto(f"{live.url}/admin/datasets/{live.things['dataset_id']}/targets/new?segment=1")
    page.get_by_role("button", name="Add a condition").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("What is asked about")
    assert field.evaluate("control => control === document.activeElement")
    field.select_option(label="City")
    page.get_by_label("How it is asked").select_option(label="is one of")
    page.get_by_label("York").check()
    page.get_by_text("50 people", exact=True).wait_for()
    page.get_by_label("Bath").check()
    page.get_by_text("100 people", exact=True).wait_for()
    page.get_by_label("How these conditions count").select_option(label="None of these")
    page.get_by_text("100 people", exact=True).wait_for()
    assert not page.get_by_label("Name", exact=True).input_value()
    context.close()


def test_a_menu_offers_what_fits_the_one_before(chromium, live):
    context = open_context(chromium, live)
    page = context.new_page()
    page.goto(f"{live.url}/admin/datasets/{live.things['dataset_id']}/people/new")
    page.get_by_label("City").select_option("York")
    town = page.get_by_label("Town")
    assert town.evaluate("menu => [...menu.options].filter(one => !one.parentNode.disabled).map(one => one.value)") == [
        "", "Acomb"]
    town.select_option("Acomb")
    page.get_by_label("City").select_option("Bristol")
    assert town.input_value() == ""
    context.close()
