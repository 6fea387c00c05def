/* Sends a billing export in parts, goes on after a cut, and shows how far it is.
 *
 * Without this script the form is sent as it is. Uses /api/v1/usage/uploads/ (docs/usage.md).
 */
"use strict";

(() => {
  const PART = 8 * 1024 * 1024;
  const TRIES = 8;

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  const call = async (form, method, path, body, type) => {
    const answer = await fetch(form.dataset.api + path, {
      method,
      body,
      headers: {
        "Content-Type": type,
        "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value,
      },
    });
    const told = await answer.json();
    if (!answer.ok) {
      const faults = (told.errors || []).map((each) => each.detail);
      const error = new Error([told.detail, ...faults].filter(Boolean).join(" "));
      error.status = answer.status;
      throw error;
    }
    return told;
  };

  const json = (form, method, path, body) =>
    call(form, method, path, JSON.stringify(body), "application/json");

  const mega = (bytes) => (bytes / 1e6).toFixed(1);

  const show = (form, offset, size, started, from) => {
    const seconds = (Date.now() - started) / 1000;
    const rate = seconds > 0 ? (offset - from) / seconds : 0;
    const left = rate > 0 ? Math.ceil((size - offset) / rate) : 0;
    const place = form.querySelector("[data-sent]");
    place.hidden = false;
    place.querySelector("progress").value = offset / size;
    place.querySelector("[data-words]").textContent = place.dataset.template
      .replace("{sent}", mega(offset))
      .replace("{size}", mega(size))
      .replace("{rate}", mega(rate))
      .replace("{left}", String(left));
  };

  const send = async (form, upload, file) => {
    const started = Date.now();
    let offset = upload.offset;
    let failures = 0;
    while (offset < file.size) {
      if (form.dataset.stopped) {
        await json(form, "POST", `uploads/${upload.id}/abandon/`, {});
        return false;
      }
      try {
        const told = await call(
          form,
          "PUT",
          `uploads/${upload.id}/parts/${offset}/`,
          file.slice(offset, offset + PART),
          "application/octet-stream",
        );
        offset = told.offset;
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures > TRIES || (error.status && error.status < 500 && error.status !== 409 && error.status !== 429)) {
          throw error;
        }
        await pause(500 * 2 ** failures);
        offset = (await (await fetch(`${form.dataset.api}uploads/${upload.id}/`)).json()).offset;
      }
      show(form, offset, file.size, started, upload.offset);
    }
    return true;
  };

  const hand = async (form) => {
    const file = form.querySelector("input[type=file]").files[0];
    const known = form.querySelector("[name=known_source]");
    const source =
      (known.value && known.selectedOptions[0].textContent.trim()) ||
      form.querySelector("[name=new_source]").value.trim();
    const upload = await json(form, "POST", "uploads/", {
      source_name: source,
      file_name: file.name,
      size: file.size,
      is_dry_run: form.querySelector("[name=is_trial]").checked,
    });
    if (await send(form, upload, file)) {
      const load = await json(form, "POST", "deliveries/", { upload_id: upload.id });
      window.location.assign(form.dataset.load.replace("/0/", `/${load.id}/`));
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const place = document.querySelector("[data-sent]");
    const form = place?.closest("form");
    if (!form) {
      return;
    }
    Object.assign(form.dataset, { api: place.dataset.api, load: place.dataset.load });
    place.querySelector("button").addEventListener("click", () => {
      form.dataset.stopped = "yes";
    });
    form.addEventListener("submit", (event) => {
      const named =
        form.querySelector("[name=known_source]").value ||
        form.querySelector("[name=new_source]").value.trim();
      if (!form.querySelector("input[type=file]").files.length || !named) {
        return; // the server says what is missing
      }
      event.preventDefault();
      delete form.dataset.stopped;
      place.querySelector("[role=alert]").textContent = "";
      hand(form).catch((error) => {
        place.hidden = false;
        place.querySelector("[role=alert]").textContent = error.message;
      });
    });
  });
})();
