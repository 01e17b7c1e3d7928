// Draws one window: one layer, two with a divider between, or one over the other; then the lens and the marker.

function paintCell(view, cell) {
  const ratio = window.devicePixelRatio || 1;
  const { canvas } = cell;
  const width = Math.round(cell.width * ratio), height = Math.round(cell.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, cell.width, cell.height);
  const pane = view.panes[cell.pane];
  const below = pane.below, above = pane.above;
  const place = view.placeOf(cell.pane);
  const put = (layer) => layer && paintLayer(context, layer, place, cell);
  const shown = view.flipped ? (cell.layer === "below" ? "above" : "below") : cell.layer;
  if (shown === "below" || !above) put(below);
  else if (shown === "above") put(above);
  else if (shown === "overlay") {
    put(below);
    context.globalAlpha = view.opacity;
    put(above);
    context.globalAlpha = 1;
  } else {
    const edge = cell.width * view.divider;
    clipped(context, 0, edge, cell, () => put(below));
    clipped(context, edge, cell.width, cell, () => put(above));
  }
  if (view.marker && (view.marker.pane === cell.pane || view.linked)) {
    const marker = pixelIn(view.marker, view.panes[view.marker.pane].below, below);
    if (view.lens) paintLenses(context, view, cell, place, shown, marker);
    if (view.marker.byKeys || (!view.lens && view.cells.length > 1)) paintMarker(context, marker, place, cell);
  }
}

function paintLayer(context, layer, place, cell) {
  const at = toScreen(place, cell, 0, 0);
  context.imageSmoothingEnabled = place.scale < 1;
  context.imageSmoothingQuality = "high";
  context.drawImage(layer.canvas, at.x, at.y, layer.width * place.scale, layer.height * place.scale);
}

function clipped(context, from, to, cell, draw) {
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, cell.height);
  context.clip();
  draw();
  context.restore();
}

// One round lens for each layer of the pane that this window is about, side by side, at the same image point.
function paintLenses(context, view, cell, place, shown, marker) {
  const pane = view.panes[cell.pane];
  const both = pane.above && (shown === "swipe" || shown === "overlay");
  const layers = both ? [pane.below, pane.above] : [shown === "above" && pane.above ? pane.above : pane.below];
  const radius = Math.min(86, cell.width / (both ? 4 : 2) - 4, cell.height / 2 - 4);
  if (radius < 12) return;
  const at = toScreen(place, cell, marker.x + 0.5, marker.y + 0.5);
  const room = radius * layers.length;
  const x = Math.min(cell.width - room - 2, Math.max(room + 2, at.x));
  const y = Math.min(cell.height - radius - 2, Math.max(radius + 2, at.y));
  const scale = view.lens * Math.max(1, place.scale);
  layers.forEach((layer, index) => layer && paintLens(context, layer, marker, scale, radius,
    x - room + radius * (2 * index + 1), y, view.colours));
}

function paintLens(context, layer, marker, scale, radius, x, y, colours) {
  context.save();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colours.back;
  context.fill();
  context.save();
  context.clip();
  context.imageSmoothingEnabled = false;
  const left = x - (marker.x + 0.5) * scale, top = y - (marker.y + 0.5) * scale;
  context.drawImage(layer.canvas, left, top, layer.width * scale, layer.height * scale);
  frame(context, x - scale / 2, y - scale / 2, scale);
  context.restore();
  context.lineWidth = 4;
  context.strokeStyle = "#000";
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = "#fff";
  context.stroke();
  context.restore();
}

// Black within white: seen on any picture.
function frame(context, x, y, side) {
  context.lineWidth = 3;
  context.strokeStyle = "#000";
  context.strokeRect(x, y, side, side);
  context.lineWidth = 1;
  context.strokeStyle = "#fff";
  context.strokeRect(x, y, side, side);
}

function paintMarker(context, marker, place, cell) {
  const at = toScreen(place, cell, marker.x, marker.y);
  const side = Math.max(9, place.scale);
  const shift = (side - place.scale) / 2;
  frame(context, at.x - shift, at.y - shift, side);
}
