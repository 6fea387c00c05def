/* Registers by name what the theme's templates call, for Alpine's build without eval.
 *
 * That build reads plain expressions only and reaches no global variable, so what a
 * template calls must be registered here, and what it reads must lie in `page`.
 */
"use strict";

document.addEventListener("alpine:init", () => {
  const OPEN = "sidebarDesktopOpen";

  Alpine.data("theme", (chosen) => theme(chosen));
  Alpine.data("searchForm", () => searchForm());

  Alpine.data("searchCommand", () => ({
    ...searchCommand(),
    openSelected(event) {
      if (!this.items || this.items.length === 0) {
        return;
      }
      this.currentIndex = Math.max(1, this.currentIndex);
      this.selectItem(false, event.metaKey || event.ctrlKey);
    },
  }));

  Alpine.data("page", () => ({
    activeTab: "",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem(OPEN) !== "0",

    /* what the change form's address is made of */
    window: {
      location: {
        get pathname() {
          return document.location.pathname;
        },
        get search() {
          return document.location.search;
        },
      },
    },

    init() {
      this.activeTab = getCurrentTab() || this.$el.dataset.tab || "";
      localStorage.removeItem("commandHistory");
    },

    toggleSidebar() {
      this.sidebarDesktopOpen = !this.sidebarDesktopOpen;
      localStorage.setItem(OPEN, this.sidebarDesktopOpen ? "1" : "0");
    },

    sortRecords(event) {
      sortRecords(event);
    },

    moveRecords(event) {
      return moveRecords(event);
    },
  }));
});

/* select2 hides the field its label belongs to and leaves its own box without a name */
const nameSelects = () => {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const name = label?.textContent.trim() || select.getAttribute("aria-label");
    const box = select.nextElementSibling;
    for (const part of box?.querySelectorAll("[role=combobox], [role=textbox]") ?? []) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", name || select.name);
    }
  }
};

document.addEventListener("DOMContentLoaded", () => {
  nameSelects();
  new MutationObserver(nameSelects).observe(document.body, {
    childList: true,
    subtree: true,
  });
});
