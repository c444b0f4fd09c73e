/* The code editor comes when its textarea comes into sight: it is large, and on a phone it lies far below. */
import "./modules/insert.js";

const seen = new IntersectionObserver((entries) => {
  entries.filter((entry) => entry.isIntersecting).forEach(async ({ target }) => {
    seen.unobserve(target);
    const { cover } = await import("./modules/editor.js");
    cover(target);
  });
});
document.querySelectorAll("textarea[data-code]").forEach((area) => seen.observe(area));
