/* Draws how far a load is anew every second, until it is over. */
"use strict";

(() => {
  const EVERY = 1000;

  const ask = async (place) => {
    let answer;
    try {
      answer = await fetch(place.dataset.progress, {
        headers: { Accept: "text/html" },
      });
    } catch {
      setTimeout(ask, EVERY * 3, place); // the network is away; ask again
      return;
    }
    if (!answer.ok || answer.redirected) {
      return;
    }
    place.innerHTML = await answer.text();
    if (place.querySelector("[data-open]")) {
      setTimeout(ask, EVERY, place);
    } else {
      window.location.reload();
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const place = document.querySelector("[data-progress]");
    if (place?.querySelector("[data-open]")) {
      setTimeout(ask, EVERY, place);
    }
  });
})();
