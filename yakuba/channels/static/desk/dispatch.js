// Dragging a visit on the timeline. It only fills in the form that the page has anyway: the server says what the move
// costs, and nothing changes before that is confirmed. Without this script the link of each visit leads to the form.
const form = document.getElementById("drag");
let held = null;

function minuteAt(row, clientX) {
  const box = row.getBoundingClientRect();
  return ((clientX - box.left) / box.width) * row.viewBox.baseVal.width;
}

// How many of the visits ahead in this row lie before the place where it is let go; the visit itself does not count.
function positionIn(row, minute, task) {
  const others = [...row.querySelectorAll("a[data-task]")].filter((one) => one.dataset.task !== task);
  return others.filter((one) => Number(one.dataset.x) + Number(one.dataset.width) / 2 < minute).length;
}

// What is dragged lies under the pointer, too, and still belongs to the row that it came from.
function rowUnder(event, dragged) {
  return document.elementsFromPoint(event.clientX, event.clientY)
    .filter((one) => !dragged.contains(one)).map((one) => one.closest("svg[data-worker]")).find(Boolean);
}

document.querySelectorAll("a[data-task]").forEach((stop) => {
  stop.addEventListener("dragstart", (event) => event.preventDefault());
  stop.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = { stop, x: event.clientX, y: event.clientY, moved: false };
  });
  stop.addEventListener("click", (event) => { if (stop.dataset.moved) event.preventDefault(); });
});

document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const away = Math.hypot(event.clientX - held.x, event.clientY - held.y);
  if (!held.moved && away < 6) return;
  held.moved = true;
  held.stop.dataset.moved = "1";
  const scale = held.stop.ownerSVGElement.getScreenCTM();
  const [dx, dy] = [(event.clientX - held.x) / scale.a, (event.clientY - held.y) / scale.d];
  held.stop.setAttribute("transform", `translate(${dx} ${dy})`);
  document.querySelectorAll(".target").forEach((one) => one.classList.remove("target"));
  rowUnder(event, held.stop)?.closest("tr").classList.add("target");
});

document.addEventListener("pointerup", (event) => {
  const { stop, moved } = held ?? {};
  held = null;
  if (!moved) return;
  const row = rowUnder(event, stop);
  if (!row) {
    stop.removeAttribute("transform");
    delete stop.dataset.moved;
    return;
  }
  const { task, seen } = stop.dataset;
  form.elements.task.value = task;
  form.elements.seen.value = seen;
  form.elements.to.value = row.dataset.worker;
  form.elements.position.value = positionIn(row, minuteAt(row, event.clientX), task);
  form.requestSubmit();
});
