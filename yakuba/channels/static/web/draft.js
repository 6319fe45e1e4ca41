// Tells whoever writes a request what still waits in the phone, and sends it when the line is back. All of it works without this
// script, too: see the service worker for what happens where there is no line.
const line = document.getElementById("line");
const draft = line.dataset.draft || (/^#([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? "");
const TRY_AGAIN = 20_000;
let worker = null;

function ask(what, more = {}) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    worker.postMessage({ ask: what, draft, ...more }, [channel.port2]);
  });
}

function say(kind, text, where = "") {
  const shown = line.querySelector("p");
  line.className = `notice notice--${kind}`;
  shown.textContent = text;
  if (where) {
    const link = document.createElement("a");
    link.href = where;
    link.textContent = line.dataset.look;
    shown.append(" ", link);
  }
  line.hidden = false;
}

async function tell(said, tried) {
  const { left, wrong = [], lost } = said, alone = line.dataset.alone !== undefined;
  document.querySelectorAll("[data-when-waiting]").forEach((one) => { one.hidden = left <= 0; });
  if (lost) say("warn", line.dataset.lost);
  else if (left > 0) say("warn", line.dataset.waiting.replace("{count}", left));
  else if (left < 0) say("wrong", line.dataset.failed);
  else if (wrong.length && !alone) say("wrong", line.dataset.wrong, wrong[0]);
  else if (alone && tried && draft) location.replace(wrong[0] ?? line.dataset.back.replace("DRAFT", draft));
  else if (!line.hidden) say("ok", line.dataset.sent);
}

async function send() {
  await tell(await ask("send"), true);
}

async function begin() {
  worker = (await navigator.serviceWorker.ready).active;
  const said = await ask("waiting");
  await tell(said, false);
  if (said.left > 0) await send();
  const styles = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]")]
    .map((one) => one.href || one.src).filter((one) => new URL(one).pathname.startsWith("/static/"));
  const ahead = navigator.connection?.saveData ? [] : line.dataset.ahead.split(" ").filter(Boolean);
  await ask("keep", { pages: [line.dataset.noLine, ...ahead], styles });
  line.dataset.kept = "1";
  setInterval(async () => { if (navigator.onLine && (await ask("waiting")).left > 0) await send(); }, TRY_AGAIN);
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(line.dataset.worker).then(begin, () => {});
  window.addEventListener("online", () => { if (worker) send(); });
  document.getElementById("send-now").addEventListener("click", send);
  document.getElementById("forget")?.addEventListener("click", async () => {
    await ask("forget");
    location.replace(line.dataset.home);
  });
  if (location.hash === "#not-kept") document.getElementById("not-kept").hidden = false;
}
