"""axe-core on a page as it stands: WCAG 2.2 AA and the best practices it knows."""

from importlib.resources import files
from typing import Any, Final

from playwright.async_api import Page

_AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
_RULES: Final = """async () => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}});
  return found.violations.map(rule => ({
    id: rule.id, help: rule.help,
    nodes: rule.nodes.map(node => node.target.join(" ") + ": " + node.failureSummary)}));
}"""


async def violations(page: Page) -> list[str]:
    """What axe-core objects to, one text each with the elements; empty is good.

    The script is evaluated by the debugger, so the page's CSP stays as it is.
    """
    await page.evaluate(_AXE)
    found: list[dict[str, Any]] = await page.evaluate(_RULES)
    return [
        f"{rule['id']}: {rule['help']}\n  " + "\n  ".join(rule["nodes"])
        for rule in found
    ]
