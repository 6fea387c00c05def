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
