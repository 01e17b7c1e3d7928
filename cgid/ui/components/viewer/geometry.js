// Where a picture lies in its window. A place is {scale, x, y}: screen px per image px, and the image point in the middle.

const MOST = 64; // times

function fitScale(cell, size) {
  return Math.min(cell.width / size.width, cell.height / size.height);
}

function fitted(cell, size) {
  return { scale: Math.min(fitScale(cell, size), 8), x: size.width / 2, y: size.height / 2 };
}

// The place with its scale between fit and MOST, and the picture never pulled out of the window.
function held(place, cell, size) {
  const least = Math.min(fitScale(cell, size), 1);
  const scale = Math.min(MOST, Math.max(least, place.scale));
  const side = (middle, whole, window) => {
    const half = window / scale / 2;
    return half * 2 >= whole ? whole / 2 : Math.min(whole - half, Math.max(half, middle));
  };
  return { scale, x: side(place.x, size.width, cell.width), y: side(place.y, size.height, cell.height) };
}

// Zoomed so that the image point under (px, py) of the window stays there.
function zoomedAt(place, cell, scale, px, py) {
  const dx = px - cell.width / 2, dy = py - cell.height / 2;
  return { scale, x: place.x + dx / place.scale - dx / scale, y: place.y + dy / place.scale - dy / scale };
}

// A point of one picture at the same share of another's width and height.
function carried({ x, y }, from, to) {
  return { x: (x * to.width) / from.width, y: (y * to.height) / from.height };
}

function pixelIn({ x, y }, from, to) {
  const at = carried({ x: x + 0.5, y: y + 0.5 }, from, to);
  return { x: Math.floor(at.x), y: Math.floor(at.y) };
}

function toImage(place, cell, px, py) {
  return { x: place.x + (px - cell.width / 2) / place.scale, y: place.y + (py - cell.height / 2) / place.scale };
}

function toScreen(place, cell, x, y) {
  return { x: cell.width / 2 + (x - place.x) * place.scale, y: cell.height / 2 + (y - place.y) * place.scale };
}
