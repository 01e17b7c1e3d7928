// The toolbar above the images, built once; every control is a native one, so the keyboard works as usual.

const MODES = [["swipe", "Slider"], ["side", "Side by side"], ["overlay", "Overlay"], ["above", "Map only"]];
const LENSES = [2, 3, 4, 6, 8];

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") element.textContent = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function buildControls(view) {
  const modes = make("fieldset", { class: "modes" }, make("legend", { class: "unseen", text: "How to compare" }));
  for (const [mode, title] of MODES) {
    const radio = make("input", { type: "radio", name: "mode", value: mode, id: `mode-${mode}` });
    radio.addEventListener("change", () => view.setMode(mode));
    modes.append(radio, make("label", { for: `mode-${mode}`, text: title }));
  }
  const zoom = make("div", { class: "group", role: "group", "aria-label": "Zoom" });
  const button = (text, label, act) => {
    const made = make("button", { type: "button", title: label, "aria-label": label, text });
    made.addEventListener("click", act);
    zoom.append(made);
  };
  button("−", "Zoom out (key −)", () => view.zoomBy(1 / 1.5));
  button("+", "Zoom in (key +)", () => view.zoomBy(1.5));
  button("Fit", "Fit the image (key 0)", () => view.fit());
  button("100 %", "One screen pixel for each image pixel (key 1)", () => view.zoomTo(1));
  button("400 %", "Four screen pixels for each image pixel (key 4)", () => view.zoomTo(4));

  const lens = make("select", { id: "lens" }, make("option", { value: "0", text: "off" }),
    ...LENSES.map((times) => make("option", { value: times, text: `${times}×` })));
  lens.addEventListener("change", () => view.setLens(Number(lens.value)));
  const lensBox = make("label", { class: "field", title: "Magnifier that follows the pointer (key L)" }, "Magnifier", lens);

  const flip = make("button", { type: "button", class: "flip", text: "Flip",
    title: "While held, shows the image instead of the map (key B, or the space bar here)" });
  const down = (event) => { if (event.type !== "keydown" || event.key === " " || event.key === "Enter") view.flip(true); };
  for (const name of ["pointerdown", "keydown"]) flip.addEventListener(name, down);
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"])
    flip.addEventListener(name, () => view.flip(false));

  const opacity = make("input", { type: "range", min: 0, max: 100, step: 5, id: "opacity" });
  opacity.addEventListener("input", () => view.setOpacity(Number(opacity.value) / 100));
  const opacityBox = make("label", { class: "field opacity" }, "Map opacity", opacity);

  view.controls = { modes, lens, flip, opacity, opacityBox };
  return make("div", { class: "bar" }, modes, zoom, lensBox, flip);
}

function showControls(view) {
  const { modes, lens, flip, opacity, opacityBox } = view.controls;
  const map = view.hasMap;
  modes.hidden = flip.hidden = !map;
  for (const radio of modes.querySelectorAll("input")) radio.checked = radio.value === view.mode;
  lens.value = String(view.lens);
  opacity.value = Math.round(view.opacity * 100);
  opacity.setAttribute("aria-valuetext", `map ${opacity.value} %`);
  opacityBox.hidden = !map;
  opacityBox.classList.toggle("idle", view.mode !== "overlay");
  opacity.disabled = view.mode !== "overlay";
}
