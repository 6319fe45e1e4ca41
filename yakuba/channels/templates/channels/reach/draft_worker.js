// Keeps a request that is being written alive on a line that dies. Pages are sent as ever; only what cannot be sent is kept in the
// phone (IndexedDB), in the order of the pages, until the town hall has taken it. Sent twice, a page is the same answers once.
const PAGES = "yakuba-draft", STYLE = "yakuba-style", SAID = "yakuba-said";
const PATIENCE = 45_000; // a page without files that takes longer is taken as not sent
const DAYS = 30; // so long a request that nobody goes on with is kept at the town hall, too
const DRAFT = /\/draft\/([0-9a-f-]{36})\//;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// -- what waits ------------------------------------------------------------------------------------
let opened = null;

function store() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("yakuba-draft", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { keyPath: "where" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function waiting(mode, act) {
  const all = (await store()).transaction("waiting", mode).objectStore("waiting");
  return new Promise((resolve, reject) => {
    const asked = act(all);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// The same page again takes the place of what was kept of it before, and goes last.
async function keep(where, fields) {
  await waiting("readwrite", (all) => all.put({ where, fields, at: Date.now() }));
  await self.registration.sync?.register("drafts").catch(() => {});
}

async function kept(draft) {
  const all = await waiting("readonly", (every) => every.getAll());
  const old = all.filter((one) => one.at < Date.now() - DAYS * 86_400_000);
  for (const one of old) await drop(one.where);
  return all.filter((one) => !old.includes(one) && (!draft || DRAFT.exec(one.where)?.[1] === draft)).sort((a, b) => a.at - b.at);
}

const drop = (where) => waiting("readwrite", (all) => all.delete(where));

// -- sending what waits ------------------------------------------------------------------------------
let sending = null;

function flush(draft) {
  sending = (sending ?? Promise.resolve()).catch(() => {}).then(() => sendAll(draft));
  return sending;
}

// How it went: how many still wait, whether the draft is no longer this browser's, and the pages that were wrong.
async function sendAll(draft) {
  const wrong = [], queue = await kept(draft);
  if (!queue.length) return { left: 0, wrong };
  let token;
  try {
    const page = await fetch(queue[0].where.replace(/(\/draft\/[^/]+\/).*/, "$1"));
    const path = new URL(page.url).pathname;
    if (DRAFT.test(path) && path.endsWith("/done/")) { // it was taken, and only the answer was lost
      for (const one of queue) await drop(one.where);
      return { left: 0, wrong };
    }
    if (!DRAFT.test(path) || page.status === 404) return { left: queue.length, wrong, lost: true }; // another browser has it, or nobody
    token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text())?.[1];
  } catch {
    return { left: queue.length, wrong };
  }
  for (const one of queue) {
    const body = new FormData();
    for (const [name, value] of one.fields) body.append(name, value);
    body.set("csrfmiddlewaretoken", token ?? "");
    let answer;
    try {
      answer = await fetch(one.where, { method: "POST", body, redirect: "manual" });
    } catch {
      break;
    }
    const remembered = answer.status === 503 && one.where.includes("/send/"); // sent in a crowd: it waits its turn there
    if (answer.type !== "opaqueredirect" && answer.status !== 422 && !remembered) break; // tried again later
    if (answer.status === 422) {
      wrong.push(one.where);
      await (await caches.open(SAID)).put(one.where, new Response(await answer.blob(), { headers: answer.headers }));
    }
    if ((await waiting("readonly", (all) => all.get(one.where)))?.at === one.at) await drop(one.where);
  }
  return { left: (await kept(draft)).length, wrong };
}

self.addEventListener("sync", (event) => {
  if (event.tag === "drafts") event.waitUntil(kept().then((all) => Promise.all(
    [...new Set(all.map((one) => DRAFT.exec(one.where)[1]))].map(flush))));
});

self.addEventListener("message", (event) => {
  const { ask, draft, pages, styles } = event.data, reply = (said) => event.ports[0]?.postMessage(said);
  const acts = {
    keep: async () => { await hold(PAGES, pages); await hold(STYLE, styles); return {}; },
    waiting: async () => ({ left: (await kept(draft)).length }),
    send: () => flush(draft),
    forget: async () => { await waiting("readwrite", (all) => all.clear()); for (const one of [PAGES, SAID]) await caches.delete(one); return {}; },
  };
  event.waitUntil(acts[ask]().then(reply, () => reply({ left: -1 })));
});

// -- pages -------------------------------------------------------------------------------------------
async function hold(name, addresses) {
  const cache = await caches.open(name);
  for (const one of addresses) {
    if (await cache.match(one)) continue;
    const answer = await fetch(one).catch(() => null);
    if (answer?.ok && !answer.redirected) await cache.put(one, answer);
  }
}

self.addEventListener("fetch", (event) => {
  const { method, mode } = event.request, path = new URL(event.request.url).pathname;
  if (mode === "navigate" && method === "POST" && DRAFT.test(path)) event.respondWith(sent(event.request));
  else if (mode === "navigate" && method === "GET") event.respondWith(shown(event.request));
  else if (method === "GET" && path.startsWith("/static/")) event.respondWith(styled(event));
});

const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));
const gone = (answer) => answer.status === 502 || answer.status === 504;

async function sent(request) {
  const url = new URL(request.url), where = url.pathname + url.search, draft = DRAFT.exec(where)[1];
  const fields = [...await request.clone().formData()];
  const files = fields.some(([, value]) => value instanceof File && value.size);
  const before = await kept(draft);
  if (!before.length) {
    try {
      const answer = await (files ? fetch(request) : Promise.race([fetch(request), late()]));
      if (!gone(answer)) return answer;
    } catch { /* kept below */ }
  }
  const names = fields.map(([name]) => name), next = fields.find(([name]) => name === "kept-next")?.[1];
  const noLine = await (await caches.open(PAGES)).keys().then((all) => all.find((one) => one.url.includes("/no-line/"))?.url ?? url.href);
  if (next === undefined || names.includes("add") || names.includes("remove")) return Response.redirect(`${noLine}#not-kept`, 303);
  const plain = fields.filter(([name, value]) => name !== "leave" && !name.startsWith("drop.") && !(value instanceof File && !value.size));
  await keep(where, plain);
  if (before.length) {
    const { left, wrong } = await flush(draft);
    if (!left) return Response.redirect(wrong[0] ?? `${url.pathname.match(/.*\/draft\/[^/]+\//)[0]}`, 303);
  }
  const following = next && await (await caches.open(PAGES)).match(next);
  return Response.redirect(following ? next : `${noLine}#${draft}`, 303);
}

async function shown(request) {
  const url = new URL(request.url), where = url.pathname + url.search, said = await caches.open(SAID);
  const wrong = await said.match(where);
  if (wrong) {
    await said.delete(where);
    return wrong;
  }
  const pages = await caches.open(PAGES);
  try {
    const answer = await Promise.race([fetch(request), late()]);
    if (gone(answer)) throw new Error("gone");
    if (answer.ok && url.pathname.endsWith("/done/")) await caches.delete(PAGES);
    return answer;
  } catch {
    const old = await pages.match(request, { ignoreVary: true });
    if (old) return old;
    const noLine = (await pages.keys()).find((one) => one.url.includes("/no-line/"));
    return noLine ? Response.redirect(`${noLine.url}#${DRAFT.exec(where)?.[1] ?? ""}`, 303) : Response.error();
  }
}

// What is in the phone is shown at once, and looked for anew meanwhile.
async function styled(event) {
  const cache = await caches.open(STYLE), old = await cache.match(event.request);
  const fresh = fetch(event.request).then((answer) => { if (old && answer.ok) cache.put(event.request, answer.clone()); return answer; });
  if (!old) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  return old;
}
