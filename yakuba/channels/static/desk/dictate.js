// Recording with the browser's own microphone. Without this script, or without a microphone, a recorded file is sent by the form
// that the page has anyway. Nothing leaves the browser before somebody has pressed "stop and send".
const form = document.getElementById("dictate");
const [start, stop, again, state] = ["start", "stop", "again", "state"].map((id) => document.getElementById(id));
const LONGEST_MS = 10 * 60 * 1000;
let recorder = null;
let began = 0;
let recorded = null;

if (navigator.mediaDevices?.getUserMedia && window.MediaRecorder) document.getElementById("microphone").hidden = false;

// The clock is not read aloud: a screen reader hears when recording begins and ends.
function tell(text) {
  state.textContent = text;
}

async function record() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
  } catch {
    tell(form.dataset.noMicrophone);
    return;
  }
  const pieces = [];
  recorder = new MediaRecorder(stream);
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    stream.getTracks().forEach((track) => track.stop());
    recorded = new Blob(pieces, { type: recorder.mimeType });
    send();
  });
  recorder.start(1000);
  began = Date.now();
  start.hidden = true;
  stop.hidden = false;
  stop.focus();
  tell(form.dataset.recording);
  setTimeout(() => { if (Date.now() - began >= LONGEST_MS) end(); }, LONGEST_MS);
}

function end() {
  if (recorder?.state === "recording") recorder.stop();
}

async function send() {
  stop.hidden = again.hidden = true;
  tell(form.dataset.sending);
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("sound", recorded, "dictated");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(String(answer.status));
    location.assign(answer.url);
  } catch {
    tell(form.dataset.notSent);
    again.hidden = false;
    again.focus();
  }
}

start.addEventListener("click", record);
stop.addEventListener("click", end);
again.addEventListener("click", send);

// One word that was put right by sound goes back to how it was heard, where it still stands in the text.
document.querySelectorAll("button[data-after]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.text);
    text.value = text.value.replace(button.dataset.after, () => button.dataset.before);
    button.disabled = true;
  });
});
