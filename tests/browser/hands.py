"""The hands that a tour of a page is taken with: those on a mouse, and those that have the keyboard alone."""

LOST = 90                                          # Tabs after which a control counts as out of reach

WHERE = """() => {
    const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
    const before = window.reached;
    window.reached = node;
    return {
        body: node === document.body, same: node === before, name: node.outerHTML.slice(0, 120),
        framed: node.tagName === "IFRAME",
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        onward: !before || before === document.body || !before.isConnected
            || Boolean(before.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING),
        tabindex: node.tabIndex};
}"""


class Mouse:
    """Points at what it uses."""

    def __init__(self, page):
        self.page = page

    def press(self, control):
        control.click()

    def write(self, control, text):
        control.fill(text)

    def tick(self, control):
        control.check()

    def choose(self, control, label):
        control.select_option(label=label)


class Keyboard:
    """Goes to each control by Tab, as far as it takes. On the way every stop must be marked, in sight, and in order."""

    def __init__(self, page):
        self.page = page

    def reach(self, control):
        control.wait_for()
        for _ in range(LOST):
            if control.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            self.judge(self.page.evaluate(WHERE))
        raise AssertionError(f"No Tab leads to {control}")

    def judge(self, stop):
        if stop["body"] or stop["same"] or stop["framed"]:             # the browser's own frame, or inside of a page's
            return
        for promise in ("marked", "seen", "onward"):
            assert stop[promise], f"With the keyboard this is not {promise}: {stop['name']}"
        assert stop["tabindex"] == 0, stop["name"]

    def press(self, control):
        """Links by Enter, buttons by Space."""
        self.reach(control)
        self.page.keyboard.press("Enter" if control.evaluate("node => node.tagName") == "A" else "Space")

    def write(self, control, text):
        self.reach(control)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, control):
        self.reach(control)
        if not control.is_checked():
            self.page.keyboard.press("Space")

    def choose(self, control, label):
        """From the first one down."""
        self.reach(control)
        self.page.keyboard.press("Home")
        for _ in range(control.locator("option").count()):
            if control.locator("option:checked").inner_text() == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"Not among the choices: {label}")
