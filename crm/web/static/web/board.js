/* Moves cards of a board by drag and drop or by keyboard (crm.web.board).
 *
 * A card goes only where its menu offers a step: a link opens the dialog that asks for
 * more, a button is posted. What the server refuses goes back to its place, with the
 * reason said aloud; after a move the board is what the server draws.
 */
"use strict";

(() => {
  let dragged = null;

  const board = () => document.getElementById("board");
  const form = () => document.getElementById("board-move");
  const columns = () => [...board().querySelectorAll(".board-column")];
  const cardsOf = (column) => [...column.querySelectorAll(".board-card")];
  const stepOf = (card, column) =>
    [...card.querySelectorAll("[data-to]")].find(
      (step) => step.dataset.to === column.dataset.column,
    );

  const say = (id, text) => {
    document.getElementById("board-said").textContent = "";
    document.getElementById("board-refused").textContent = "";
    document.getElementById(id).textContent = text;
  };

  const post = async (step) => {
    const body = new FormData(form());
    body.set("move", step.value);
    const answer = await fetch(form().action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      throw new Error(`answer ${answer.status}`);
    }
    return { ok: answer.ok, ...(await answer.json()) };
  };

  const redraw = (html, id) => {
    const place = document.createElement("div");
    place.innerHTML = html;
    board().replaceWith(place.firstElementChild);
    window.htmx?.process(board());
    document.getElementById(id)?.focus();
  };

  const move = async (card, column) => {
    const step = stepOf(card, column);
    if (!step) {
      say("board-refused", form().dataset.refused);
      return;
    }
    if (step.tagName === "A") {
      step.click();
      return;
    }
    if (board().hasAttribute("aria-busy")) {
      return;
    }
    const [home, next] = [card.parentElement, card.nextElementSibling];
    board().setAttribute("aria-busy", "true");
    column.querySelector(".board-cards").prepend(card);
    try {
      const answer = await post(step);
      if (answer.ok) {
        redraw(answer.board, card.id);
        say("board-said", answer.text);
        return;
      }
      say("board-refused", answer.text);
    } catch {
      say("board-refused", form().dataset.unreachable);
    }
    home.insertBefore(card, next);
    board().removeAttribute("aria-busy");
    card.focus();
  };

  const columnAt = (event) => event.target.closest?.("#board .board-column");

  const unmark = () => {
    for (const column of columns()) {
      column.classList.remove("board-over", "board-open", "board-shut");
    }
  };

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("#board .board-card[draggable]") ?? null;
    if (!dragged) {
      return;
    }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
    for (const column of columns()) {
      const isHome = column.contains(dragged);
      const isOpen = !isHome && stepOf(dragged, column);
      column.classList.toggle("board-open", Boolean(isOpen));
      column.classList.toggle("board-shut", !isHome && !isOpen);
    }
  });

  document.addEventListener("dragover", (event) => {
    const column = dragged && columnAt(event);
    if (!column) {
      return;
    }
    event.preventDefault();
    for (const other of columns()) {
      other.classList.toggle("board-over", other === column);
    }
  });

  document.addEventListener("drop", (event) => {
    const column = dragged && columnAt(event);
    if (!column) {
      return;
    }
    event.preventDefault();
    if (!column.contains(dragged)) {
      move(dragged, column);
    }
  });

  document.addEventListener("dragend", () => {
    dragged = null;
    unmark();
  });

  document.addEventListener("click", (event) => {
    const step = event.target.closest?.("#board button[data-to]");
    if (!step) {
      return;
    }
    event.preventDefault();
    const column = columns().find((one) => one.dataset.column === step.dataset.to);
    move(step.closest(".board-card"), column);
  });

  const SIDES = { ArrowLeft: -1, ArrowRight: 1 };
  const STEPS = { ArrowUp: -1, ArrowDown: 1 };

  const shift = (card, side) => {
    const all = columns();
    const home = all.findIndex((column) => column.contains(card));
    const beyond = side > 0 ? all.slice(home + 1) : all.slice(0, home).reverse();
    const open = beyond.find((column) => stepOf(card, column));
    if (open) {
      move(card, open);
    } else {
      say("board-refused", form().dataset.refused);
    }
  };

  const walk = (card, key) => {
    const all = columns();
    const home = all.findIndex((column) => column.contains(card));
    const place = cardsOf(all[home]).indexOf(card);
    if (key in STEPS) {
      cardsOf(all[home])[place + STEPS[key]]?.focus();
      return;
    }
    for (let at = home + SIDES[key]; at in all; at += SIDES[key]) {
      const cards = cardsOf(all[at]);
      if (cards.length) {
        cards[Math.min(place, cards.length - 1)].focus();
        return;
      }
    }
  };

  document.addEventListener("keydown", (event) => {
    const card = event.target.matches?.("#board .board-card") ? event.target : null;
    if (!card || !(event.key in SIDES || event.key in STEPS)) {
      return;
    }
    event.preventDefault();
    if (!event.shiftKey) {
      walk(card, event.key);
    } else if (event.key in SIDES && form()) {
      shift(card, SIDES[event.key]);
    }
  });
})();
