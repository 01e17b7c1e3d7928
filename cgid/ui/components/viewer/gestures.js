// Mouse, touch and keyboard on a window: pan, zoom, pinch, the marker of the read-out, and the divider.

function listenTo(view, cell) {
  const { canvas } = cell;
  const fingers = new Map();
  let gap = 0;
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, spot(event));
    canvas.setPointerCapture(event.pointerId);
    gap = 0;
    view.mark(cell, spot(event), false);
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = spot(event), before = fingers.get(event.pointerId);
    if (before) {
      fingers.set(event.pointerId, now);
      if (fingers.size === 2) gap = pinch(view, cell, [...fingers.values()], gap);
      else if (!(view.lens && event.pointerType === "touch")) view.pan(cell.pane, now.x - before.x, now.y - before.y);
    }
    if (fingers.size < 2) view.mark(cell, now, false);
  });
  const release = (event) => { fingers.delete(event.pointerId); gap = 0; };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, release);
  canvas.addEventListener("pointerleave", (event) => { // what a finger has marked stays
    if (!fingers.size && event.pointerType === "mouse") view.unmark();
  });
  canvas.addEventListener("dblclick", (event) => {
    const { x, y } = spot(event);
    view.zoomAt(cell.pane, cell, view.placeOf(cell.pane).scale * 2, x, y);
  });
  canvas.addEventListener("wheel", (event) => {
    // The page scrolls past the picture until the picture has been clicked or reached by keyboard.
    if (!event.ctrlKey && !event.metaKey && !view.focused) return view.hint();
    event.preventDefault();
    const { x, y } = spot(event);
    const step = Math.exp(-Math.max(-60, Math.min(60, event.deltaMode ? event.deltaY * 20 : event.deltaY)) / 200);
    view.zoomAt(cell.pane, cell, view.placeOf(cell.pane).scale * step, x, y);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => onKey(view, cell, event));
  canvas.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "b") view.flip(false); });
  canvas.addEventListener("blur", () => { view.flip(false); view.unmark(); });
}

function pinch(view, cell, [one, two], before) {
  const gap = Math.hypot(one.x - two.x, one.y - two.y);
  if (before) {
    const scale = view.placeOf(cell.pane).scale * (gap / before);
    view.zoomAt(cell.pane, cell, scale, (one.x + two.x) / 2, (one.y + two.y) / 2);
  }
  return gap;
}

const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function onKey(view, cell, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = ARROWS[event.key];
  const acts = {
    "+": () => view.zoomBy(1.5), "=": () => view.zoomBy(1.5), "-": () => view.zoomBy(1 / 1.5), "_": () => view.zoomBy(1 / 1.5),
    "0": () => view.fit(), "1": () => view.zoomTo(1), "4": () => view.zoomTo(4),
    l: () => view.setLens(view.lens ? 0 : 4), b: () => view.flip(true),
  };
  if (arrow && event.shiftKey) view.step(cell, -arrow[0], -arrow[1]);
  else if (arrow) view.pan(cell.pane, arrow[0] * cell.width / 10, arrow[1] * cell.height / 10);
  else if (acts[event.key.toLowerCase()]) acts[event.key.toLowerCase()]();
  else return;
  event.preventDefault();
}

// The line between picture and map: a slider for mouse, finger, arrow keys and screen readers.
function buildDivider(view, cell) {
  const divider = make("div", { class: "divider", role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "100",
    "aria-orientation": "horizontal", "aria-label": "Line between image and map" }, make("span", { text: "⇔", "aria-hidden": "true" }));
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = cell.canvas.getBoundingClientRect();
    view.setDivider((event.clientX - box.left) / box.width);
  });
  divider.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.1 : 0.02;
    const to = { ArrowLeft: view.divider - step, ArrowDown: view.divider - step, ArrowRight: view.divider + step,
      ArrowUp: view.divider + step, PageDown: view.divider - 0.1, PageUp: view.divider + 0.1, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    view.setDivider(to);
  });
  return divider;
}
