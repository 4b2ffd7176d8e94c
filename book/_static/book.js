// A table that scrolls sideways can be reached by the keyboard, and has a name; one that fits is no stop.
// The theme does the same for code.
"use strict";
(() => {

  function heading(element) {
    const section = element.closest("section");
    return section?.querySelector("h1, h2, h3")?.firstChild?.textContent.trim() ?? document.title;
  }

  function mark(element) {
    const scrolls = element.scrollWidth > element.clientWidth;
    if (scrolls === (element.dataset.scrolls === "yes")) return;
    if (!scrolls) {
      for (const name of ["data-scrolls", "tabindex", "role", "aria-label"]) element.removeAttribute(name);
      return;
    }
    element.dataset.scrolls = "yes";
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Table, scrolls sideways: ${heading(element)}`);
  }

  addEventListener("DOMContentLoaded", () => {
    const watched = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
    document.querySelectorAll(".results").forEach((element) => watched.observe(element));
  });
})();
