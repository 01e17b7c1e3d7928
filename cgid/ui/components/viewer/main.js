// The viewer: keeps the user's settings while new images arrive, and requests nothing else from the server.

const VIEWERS = new WeakMap();
const KEPT = { mode: "swipe", lens: 0, opacity: 0.6, divider: 0.5 }; // kept from one image to the next, until the page is left
const HELP = "Keys on the image: + and − zoom, 0 fits, 1 and 4 show 100 % and 400 %, arrows move, Shift and arrows step " +
  "pixel by pixel, B held flips, L is the magnifier. After a click the wheel zooms.";

class Viewer {
  constructor(root) {
    Object.assign(this, KEPT, { root, cells: [], panes: [], places: [], marker: null, flipped: false, key: null, asked: 0 });
    this.stage = make("div", { class: "stage" });
    this.readout = make("output", { class: "readout" });
    this.help = make("details", { class: "help" }, make("summary", { text: "Keys" }), make("p", { id: "keys", text: HELP }));
    const bar = buildControls(this);
    const line = make("div", { class: "line" }, this.readout, this.controls.opacityBox);
    this.frame = make("div", { class: "viewer" }, bar, this.stage, line, this.help);
    root.append(this.frame);
    this.frame.addEventListener("focusin", () => { this.focused = true; });
    this.frame.addEventListener("focusout", () => { this.focused = false; });
  }

  get linked() { return this.data?.linked !== false; }
  get hasMap() { return this.panes.some((pane) => pane.above); }

  async show(data) {
    this.watch();
    const turn = ++this.asked;
    const same = (src) => this.panes.flatMap((p) => [p.below, p.above]).find((layer) => layer?.src === src);
    const load = async (told) => told && (same(told.src) || Object.assign(await loadLayer(told.src), { src: told.src }));
    let panes;
    try {
      panes = await Promise.all(data.panes.map(async (told) => ({
        told, below: await load(told.below), above: await load(told.above),
      })));
    } catch {
      if (turn === this.asked) this.say("This image could not be loaded. Move the slider again or reload the page.");
      return;
    }
    if (turn !== this.asked) return; // a newer picture was asked for meanwhile
    const fresh = data.key !== this.key || panes.length !== this.panes.length;
    Object.assign(this, { data, panes, key: data.key });
    this.layOut();
    if (fresh) this.fit();
    this.paint();
    if (!this.met) this.meet();
    this.stage.dataset.shown = data.panes.flatMap((p) => [p.below.src, p.above?.src ?? ""]).join(" ");
  }

  // Opened from far down a page that is shorter now: the first picture comes into sight.
  meet() {
    this.met = true;
    if (this.frame.getBoundingClientRect().top < 0) this.frame.scrollIntoView({ block: "start" });
  }

  // The windows that the mode asks for; rebuilt only where their number or kind changes.
  layOut() {
    const mode = this.hasMap ? this.mode : "below";
    const wanted = this.panes.flatMap((pane, index) => mode === "side" && pane.above
      ? [[index, "below"], [index, "above"]] : [[index, pane.above ? mode : "below"]]);
    const shape = JSON.stringify(wanted);
    if (shape !== this.shape) {
      this.shape = shape;
      this.cells = wanted.map(([pane, layer]) => this.buildCell(pane, layer));
      this.stage.replaceChildren(...this.cells.map((cell) => cell.box));
      this.stage.dataset.windows = wanted.length;
    }
    for (const cell of this.cells) {
      const { below, above, title } = this.panes[cell.pane].told;
      const shown = { below: [below], above: [above] }[cell.layer] ?? [below, above];
      cell.canvas.setAttribute("aria-label", shown.map((one) => one.alt).join(" "));
      const words = cell.layer === "swipe" ? [below.title, above.title] : [shown.map((one) => one.title).join(" + ")];
      if (title) words[0] = `${title}: ${words[0]}`;
      cell.title.replaceChildren(...words.map((text) => make("span", { text })));
    }
    this.measure();
    showControls(this);
  }

  buildCell(pane, layer) {
    const canvas = make("canvas", { role: "img", tabindex: "0", "aria-describedby": "keys" });
    const title = make("div", { class: "title", "aria-hidden": "true" });
    const cell = { pane, layer, canvas, title, width: 1, height: 1, box: make("div", { class: "window" }, canvas, title) };
    listenTo(this, cell);
    if (layer === "swipe") {
      cell.box.append(cell.divider = buildDivider(this, cell));
      placeDivider(this, cell);
    }
    return cell;
  }

  watch() {
    this.watcher?.disconnect();
    this.watcher = new ResizeObserver(() => { this.measure(); this.paint(); });
    this.watcher.observe(this.stage);
  }

  measure() {
    for (const cell of this.cells) {
      cell.width = Math.max(1, cell.box.clientWidth);
      cell.height = Math.max(1, cell.box.clientHeight);
    }
    this.places = this.fitting().map((fit, pane) => {
      const place = this.places[pane];
      return !place || place.fit ? fit : held(place, this.cellOf(pane), this.panes[pane].below);
    });
  }

  // Linked pictures show the same share of their width and height in the middle, each pixel equally large.
  placeOf(pane) {
    if (!this.linked || pane === 0) return this.places[pane];
    const { x, y } = carried(this.places[0], this.panes[0].below, this.panes[pane].below);
    return { ...this.places[0], x, y };
  }
  cellOf(pane) { return this.cells.find((cell) => cell.pane === pane); }

  setPlace(pane, place) {
    const index = this.linked ? 0 : pane;
    const there = { ...carried(place, this.panes[pane].below, this.panes[index].below), scale: place.scale };
    this.places[index] = held(there, this.cellOf(index), this.panes[index].below);
    this.paint();
  }

  fitting() {
    const places = this.panes.map((pane, index) => ({ ...fitted(this.cellOf(index), pane.below), fit: true }));
    const least = Math.min(...places.map((place) => place.scale));
    return places.map((place) => ({ ...place, scale: this.linked ? least : place.scale }));
  }

  fit() { this.places = this.fitting(); this.paint(); }

  zoomTo(scale) { this.panes.forEach((_, pane) => this.setPlace(pane, { ...this.placeOf(pane), scale })); }
  zoomBy(times) {
    const at = this.marker?.byKeys ? this.marker : null; // what was stepped to stays in sight
    const pane = at ? at.pane : 0, place = this.placeOf(pane);
    if (at) this.setPlace(pane, { scale: place.scale * times, x: at.x + 0.5, y: at.y + 0.5 });
    else if (this.linked) this.zoomTo(place.scale * times);
    else this.panes.forEach((_, each) => this.setPlace(each, { ...this.placeOf(each), scale: this.placeOf(each).scale * times }));
  }
  zoomAt(pane, cell, scale, x, y) {
    const least = Math.min(fitScale(cell, this.panes[pane].below), 1);
    this.setPlace(pane, zoomedAt(this.placeOf(pane), cell, Math.min(MOST, Math.max(least, scale)), x, y));
  }
  pan(pane, dx, dy) {
    const place = this.placeOf(pane);
    this.setPlace(pane, { scale: place.scale, x: place.x - dx / place.scale, y: place.y - dy / place.scale });
  }

  setMode(mode) { this.mode = KEPT.mode = mode; this.layOut(); this.paint(); }
  setLens(times) {
    this.lens = KEPT.lens = times;
    if (times && !this.marker) { const p = this.placeOf(0); this.putMarker(0, p.x, p.y, true); }
    showControls(this); this.paint();
  }
  setOpacity(share) { this.opacity = KEPT.opacity = share; showControls(this); this.paint(); }
  setDivider(share) {
    this.divider = KEPT.divider = Math.min(1, Math.max(0, share));
    for (const cell of this.cells) if (cell.divider) placeDivider(this, cell);
    this.paint();
  }
  flip(on) { if (this.flipped !== on) { this.flipped = on; this.paint(); } }

  mark(cell, spot) {
    const at = toImage(this.placeOf(cell.pane), cell, spot.x, spot.y);
    this.putMarker(cell.pane, at.x, at.y, false);
    this.paint();
  }
  unmark() { this.marker = null; this.say(""); this.paint(); }
  step(cell, dx, dy) {
    const from = this.marker?.byKeys ? this.marker : this.placeOf(cell.pane);
    this.putMarker(cell.pane, from.x + dx, from.y + dy, true);
    const place = this.placeOf(cell.pane), at = toScreen(place, cell, this.marker.x, this.marker.y);
    if (at.x < 8 || at.y < 8 || at.x > cell.width - 8 || at.y > cell.height - 8)
      this.setPlace(cell.pane, { scale: place.scale, x: this.marker.x, y: this.marker.y });
    this.paint();
  }
  putMarker(pane, x, y, byKeys) {
    const { width, height } = this.panes[pane].below;
    this.marker = { pane, byKeys, x: Math.min(width - 1, Math.max(0, Math.floor(x))), y: Math.min(height - 1, Math.max(0, Math.floor(y))) };
    this.tell();
  }

  tell() {
    const { x, y, pane } = this.marker;
    const shown = this.linked ? this.panes : [this.panes[pane]];
    const values = shown.flatMap(({ told, below, above }) => [[told.below, below], [told.above, above]]
      .filter(([, layer]) => layer).map(([one, layer]) => {
        const at = pixelIn(this.marker, this.panes[pane].below, layer);
        return `${shown.length > 1 ? `${told.title} ` : ""}${one.title} ${said(pixelOf(layer, at.x, at.y))}`;
      }));
    const [left, top] = this.panes[pane].told.origin ?? [0, 0];
    this.readout.setAttribute("aria-live", this.marker.byKeys ? "polite" : "off");
    this.say(`x ${x + left}, y ${y + top}: ${values.join(" · ")}`);
  }
  say(text) { this.readout.textContent = text; }
  hint() { this.say("Click the image first; then the wheel zooms. With Ctrl it zooms at once."); }

  paint() {
    if (this.waiting || !this.places.length) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const style = getComputedStyle(this.frame);
      this.colours = { back: style.getPropertyValue("--st-secondary-background-color").trim() || "#888" };
      for (const cell of this.cells) {
        paintCell(this, cell);
        cell.canvas.style.touchAction = this.placeOf(cell.pane).fit && !this.lens ? "pan-y" : "none";
      }
      this.stage.dataset.scale = this.placeOf(0).scale.toFixed(4);
    });
  }
}

function placeDivider(view, cell) {
  const share = Math.round(view.divider * 100);
  cell.divider.style.left = `${share}%`;
  cell.divider.setAttribute("aria-valuenow", share);
  cell.divider.setAttribute("aria-valuetext", `picture on the left ${share} %, map on the right ${100 - share} %`);
}

export default function ({ parentElement, data }) {
  let viewer = VIEWERS.get(parentElement);
  if (!viewer || !parentElement.contains(viewer.frame)) VIEWERS.set(parentElement, (viewer = new Viewer(parentElement)));
  viewer.show(data);
}
