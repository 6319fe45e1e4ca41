// Two screens on one request: what the other one wrote is fetched and shown; without this file there is a link that loads the page again.
"use strict";
const EVERY = 3000; // ms
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.pathname + location.search, { headers: { "X-Requested-With": "fetch" } });
  const type = answer.headers.get("Content-Type") || "";
  if (answer.status === 403 || answer.status === 410 || answer.redirected) return location.reload();
  if (!answer.ok || !type.startsWith("text/html")) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    const same = now && now.textContent.trim() === part.textContent.trim();
    if (now && !same && !part.contains(document.activeElement)) part.replaceChildren(...now.childNodes);
  }
}, EVERY);
