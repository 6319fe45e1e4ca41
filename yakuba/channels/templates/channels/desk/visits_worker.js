// Keeps the technicians' page and what it is made of, for when there is no signal. The network always comes first; what
// waits to be sent is the page's own matter.
const KEPT = "yakuba-visits";
const ANY = { ignoreSearch: true, ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  event.waitUntil(keepAll(event.data.keep).then((all) => { if (all) event.source.postMessage("kept"); }));
});

async function keepAll(addresses) {
  const kept = await caches.open(KEPT);
  return (await Promise.all(addresses.map((one) => keep(kept, one)))).every(Boolean);
}

async function keep(kept, address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return false;
  await kept.put(address, answer);
  return true;
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
    else if (answer.ok && await kept.match(request, ANY)) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const old = await kept.match(request, ANY);
    if (old) return old;
    throw error;
  }
}
