// While a clerk has the talk, what is new is fetched; without this file there is a link that loads the page again.
"use strict";
const EVERY = 10000; // ms
setInterval(async () => {
  const talk = document.getElementById("talk");
  if (!talk.dataset.wait || document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("talk");
  if (fresh && fresh.querySelectorAll("li").length !== talk.querySelectorAll("li").length) {
    talk.replaceChildren(...fresh.childNodes);
    talk.dataset.wait = fresh.dataset.wait;
  }
}, EVERY);
