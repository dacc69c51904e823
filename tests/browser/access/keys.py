"""A page worked with the keyboard alone. Whatever takes the focus on the way is seen."""

from dataclasses import dataclass, field

from playwright.sync_api import Page

TABS_AT_MOST = 150
HERE = """async selector => {
    const element = document.activeElement;
    const faults = () => element === document.body ? [] : [
        measures.isHit(element) ? "" : "lies under something", measures.hasRing() ? "" : "has no ring",
    ].filter(Boolean);
    /* A drawing is scrolled to in the frame after. */
    if (faults().length) for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    return [element.matches(selector), faults(), measures.name(element)];
}"""


@dataclass
class Keys:
    page: Page
    stops: int = 0
    hidden: list[str] = field(default_factory=list)

    def to(self, selector: str) -> "Keys":
        """Tab until it has the focus."""
        for _ in range(TABS_AT_MOST):
            self.page.keyboard.press("Tab")
            is_there, faults, name = self.page.evaluate(HERE, selector)
            self.stops += 1
            self.hidden += [f"{self.page.url}: {name} {fault}" for fault in faults]
            if is_there:
                return self
        raise AssertionError(f"Tab does not reach {selector} on {self.page.url}.")

    def type(self, text: str) -> "Keys":
        self.page.keyboard.type(text)
        return self

    def press(self, key: str = "Enter") -> "Keys":
        self.page.keyboard.press(key)
        return self

    def send(self, selector: str) -> "Keys":
        """Tab to a button, press Enter, and be on the page that answers, whichever that is."""
        self.to(selector)
        with self.page.expect_navigation():
            self.press()
        return self

    def follow(self, selector: str, then: str) -> "Keys":
        """Tab to a link or a button, press Enter, and be on the page that it leads to."""
        self.to(selector)
        # The address may be of that kind already: it is the next page that is waited for.
        with self.page.expect_navigation(url=then):
            self.press()
        return self
