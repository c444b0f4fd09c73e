"""What is looked at in every state of a tour: barriers, language, width, weight, the size of what is pressed."""

from tests.browser.test_gates import AXE, barriers

WEIGHT = 30_000                                    # bytes of a public page as sent
REFUSED = "the server responded with a status of 4"
TRAPPED = """() => [...document.querySelectorAll(".trap")]
    .filter(node => node.getBoundingClientRect().right > 0).length"""
ROOM = 44                                          # pixels, each way, of what a finger presses
SMALL = """room => [...document.querySelectorAll("main a.btn, main button, main input, main select, main textarea")]
    .filter(node => node.type !== "hidden" && !node.closest(".trap"))
    .map(node => [node, (node.closest("label.opt") || node).getBoundingClientRect()])
    .filter(([, box]) => box.height < room || box.width < room)
    .map(([node]) => node.outerHTML.slice(0, 120))"""


class Eyes:
    """Looks at each state; `seen` says how heavy it was, `problems` what is wrong with it."""

    def __init__(self, look, browser, folder=None):
        self.manner, self.folder = look, folder
        self.context = look.context(browser)
        self.page = self.context.new_page()
        self.seen, self.problems, self.sizes, self.complaints = {}, {}, [], []
        self.wire = self.context.new_cdp_session(self.page)
        self.wire.send("Network.enable")
        self.wire.on("Network.loadingFinished", lambda event: self.sizes.append(event["encodedDataLength"]))
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message):
        """What the console calls an error; a form that is refused on purpose is none."""
        if message.type == "error" and REFUSED not in message.text:
            self.complaints.append(message.text)

    def look(self, name):
        """Look at the state that the page is in."""
        self.page.wait_for_load_state()
        assert name not in self.seen, f"{name} twice"
        self.seen[name] = sum(self.sizes)
        if found := [*self.faults(), *self.complaints]:
            self.problems[name] = found
        self.sizes.clear()
        self.complaints.clear()
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.folder / f"{len(self.seen):02} {name}.png", full_page=True)

    def faults(self):
        if sum(self.sizes) > WEIGHT:
            yield f"weighs {sum(self.sizes):,} bytes"
        if (width := self.page.evaluate("document.documentElement.scrollWidth")) > self.manner.width:
            yield f"is {width} pixels wide"
        if (language := self.page.evaluate("document.documentElement.lang")) != self.manner.language:
            yield f"speaks {language}"
        if self.page.evaluate(TRAPPED):
            yield "shows the input that nobody may fill in"
        yield from (f"is small to press: {node}" for node in self.page.evaluate(SMALL, ROOM))
        if self.manner.scripts:                    # axe-core is one itself
            self.page.evaluate(AXE.read_text())
            yield from barriers(self.page)
            self.page.emulate_media(color_scheme=self.manner.scheme)
