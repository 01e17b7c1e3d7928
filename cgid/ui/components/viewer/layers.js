// Pictures as canvases: decoded off screen, drawn without smoothing when enlarged, read pixel by pixel.

// The address of a picture that Streamlit serves, also where the app does not live at the root of its host.
function address(src) {
  return src.startsWith("/") ? new URL("." + src, document.baseURI).href : src;
}

// {canvas, width, height, context} of a picture; throws where it cannot be fetched or decoded.
async function loadLayer(src) {
  const image = new Image();
  image.src = address(src);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return { canvas, context, width: canvas.width, height: canvas.height };
}

// [red, green, blue] at a pixel, or null outside.
function pixelOf(layer, x, y) {
  if (!layer || x < 0 || y < 0 || x >= layer.width || y >= layer.height) return null;
  return [...layer.context.getImageData(x, y, 1, 1).data.slice(0, 3)];
}

// Grey values as one number, colours as three.
function said(rgb) {
  if (!rgb) return "–";
  const [r, g, b] = rgb;
  return r === g && g === b ? `${r}` : `${r} ${g} ${b}`;
}
