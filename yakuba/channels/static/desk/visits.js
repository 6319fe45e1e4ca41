// The technicians' page without a signal. Every form that is sent waits in the phone (IndexedDB) until the server has
// taken it, and is then forgotten; the server does nothing twice. Without this script the forms are plain forms.
const page = document.getElementById("visits");
const says = (name) => page.dataset[name];
const status = document.getElementById("sending");

// -- what waits ------------------------------------------------------------------------------------
const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("yakuba-visits", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { autoIncrement: true });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function waiting(mode, act) {
  const store = (await opened).transaction("waiting", mode).objectStore("waiting");
  return new Promise((resolve, reject) => {
    const asked = act(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function all() {
  const keys = await waiting("readonly", (store) => store.getAllKeys());
  const values = await waiting("readonly", (store) => store.getAll());
  return keys.map((key, n) => ({ key, ...values[n] }));
}

// -- sending ---------------------------------------------------------------------------------------
let busy = false;
let again = false;

// Asked while it is at it, it sends once more afterwards: meanwhile one may have signed in, or sent another form.
async function send() {
  again = true;
  if (busy) return;
  busy = true;
  try {
    while (again) {
      again = false;
      await sendWhatWaits();
    }
  } finally {
    busy = false;
  }
}

async function sendWhatWaits() {
  const queue = await all();
  const signedOut = queue.length > 0 && !(await sendAll(queue));
  if (!signedOut) await tell();
}

// False when the server no longer knows who this is: the page says so, and everything waits.
async function sendAll(queue) {
  const token = await freshToken();
  if (token === null) return signOut();
  if (token === "") return true; // no signal: it waits
  for (const { key, fields } of queue) {
    const body = new FormData();
    for (const [name, value, filename] of fields) filename ? body.append(name, value, filename) : body.append(name, value);
    let answer;
    try {
      answer = await fetch(page.dataset.address, {
        method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token },
      });
    } catch {
      return true;
    }
    if (!answer.headers.get("Content-Type")?.includes("json")) return signOut();
    const said = await answer.json();
    await waiting("readwrite", (store) => store.delete(key));
    const task = fields.find(([name]) => name === "task")[1];
    told(task, said.kind, said.text);
    if (said.kind === "ok") settled(task, fields);
    else unsettled(task);
  }
  return true;
}

function signOut() {
  say("warn", says("signInAgain"));
  return false;
}

// The token of the page as the server gives it now: the one of a page that was kept may be old. null: signed out;
// "": no signal.
async function freshToken() {
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    return found.querySelector("#visits input[name=csrfmiddlewaretoken]")?.value ?? null;
  } catch {
    return "";
  }
}

// -- what the page shows ---------------------------------------------------------------------------
function say(kind, text) {
  status.className = `notice notice--${kind}`;
  status.querySelector("p").textContent = text;
  status.hidden = false;
}

async function tell() {
  const count = (await all()).length;
  if (count) say("warn", says("waiting").replace("{count}", count));
  else if (!status.hidden && !document.querySelector(".said--wrong")) say("ok", says("allSent"));
  document.getElementById("send-now").hidden = count === 0;
}

function section(task) {
  return page.querySelector(`[data-task="${task}"]`);
}

function told(task, kind, text) {
  const place = section(task)?.querySelector(".said");
  if (!place) return;
  place.textContent = text;
  place.className = `said said--${kind === "ok" ? "ok" : "wrong"}`;
}

function settled(task, fields) {
  const act = fields.find(([name]) => name === "act")[1];
  const part = section(task);
  if (!part) return;
  part.dataset.state = { arrive: "there", finish: "done", absent: "done" }[act];
}

function unsettled(task) {
  const part = section(task);
  if (part) part.dataset.state = part.dataset.was;
}

// -- forms -----------------------------------------------------------------------------------------
page.querySelectorAll("form[data-act]").forEach((form) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = [];
    for (const [name, value] of new FormData(form)) {
      if (name === "csrfmiddlewaretoken") continue;
      if (value instanceof File) { if (value.size) fields.push([name, value, value.name]); }
      else fields.push([name, value]);
    }
    const drawn = await signatureOf(form);
    if (drawn) fields.push(["signature", drawn, "signature.png"]);
    fields.push(["at", new Date().toISOString()]);
    await waiting("readwrite", (store) => store.add({ fields }));
    const task = form.elements.task.value;
    settled(task, fields);
    told(task, "ok", says("kept"));
    await tell();
    await send();
  });
});

// -- signature -------------------------------------------------------------------------------------
page.querySelectorAll("canvas").forEach((canvas) => {
  canvas.closest(".pad").hidden = false;
  const pen = canvas.getContext("2d");
  pen.lineWidth = 3;
  pen.lineCap = "round";
  let down = false;
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...point(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...point(event));
    pen.stroke();
    canvas.dataset.drawn = "1";
  });
  canvas.addEventListener("pointerup", () => { down = false; });
  canvas.parentElement.querySelector("button").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    delete canvas.dataset.drawn;
  });
});

function signatureOf(form) {
  const canvas = form.querySelector("canvas");
  if (!canvas?.dataset.drawn) return null;
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

// -- camera ----------------------------------------------------------------------------------------
// Pressed once the camera looks for a code, pressed again it stops.
if ("BarcodeDetector" in window && navigator.mediaDevices) {
  page.querySelectorAll("button[data-scan]").forEach((button) => {
    button.hidden = false;
    let stop = null;
    button.addEventListener("click", async () => {
      if (stop) stop();
      else stop = await scan(button, document.getElementById(button.dataset.scan), () => { stop = null; });
    });
  });
}

async function scan(button, field, ended) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = document.createElement("video");
  video.className = "camera";
  video.playsInline = true;
  video.srcObject = stream;
  button.after(video);
  await video.play();
  const detector = new BarcodeDetector();
  const looking = setInterval(async () => {
    const [code] = await detector.detect(video);
    if (!code) return;
    field.value = code.rawValue;
    stop();
    field.focus();
  }, 300);
  function stop() {
    clearInterval(looking);
    stream.getTracks().forEach((track) => track.stop());
    video.remove();
    ended();
  }
  return stop;
}

// -- the page is kept -------------------------------------------------------------------------------
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(page.dataset.worker).catch(() => {});
  navigator.serviceWorker.addEventListener("message", () => { document.getElementById("kept").hidden = false; });
  navigator.serviceWorker.ready.then((one) => {
    const parts = performance.getEntriesByType("resource").map((each) => each.name)
      .filter((name) => new URL(name).pathname.startsWith("/static/"));
    one.active.postMessage({ keep: [location.pathname, ...new Set(parts)] });
  });
}

// What waits has happened, whatever the kept page says.
all().then((queue) => queue.forEach(({ fields }) => {
  const task = fields.find(([name]) => name === "task")[1];
  settled(task, fields);
  told(task, "ok", says("kept"));
}));
window.addEventListener("online", send);
document.getElementById("send-now").addEventListener("click", send);
send();
