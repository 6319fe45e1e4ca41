// Keeps the technicians' page and what it is made of, for when there is no signal. The network always comes first; what
// waits to be sent is the page's own matter.
const KEPT = "yakuba-visits";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => Promise.all(event.data.keep.map((one) => keep(kept, one)))));
});

async function keep(kept, address) {
  const answer = await fetch(address);
  if (answer.ok && !answer.redirected) await kept.put(address, answer);
}

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(fresh(event.request));
});

// Signed out, the page is not kept any longer: it names customers.
async function fresh(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (request.mode === "navigate" && (answer.redirected || !answer.ok)) await caches.delete(KEPT);
    else if (answer.ok && await kept.match(request, { ignoreSearch: true })) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const old = await kept.match(request, { ignoreSearch: true });
    if (old) return old;
    throw error;
  }
}
