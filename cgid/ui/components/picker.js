// A small copy of the whole image: a click or a drag moves the frame of the region; the sliders above do it by keyboard.

export default function ({ parentElement, data, setStateValue }) {
  let box = parentElement.querySelector(".picker");
  if (!box) {
    box = document.createElement("div");
    box.className = "picker";
    box.append(document.createElement("img"), document.createElement("div"));
    parentElement.append(box);
  }
  const [image, frame] = box.children;
  if (image.getAttribute("src") !== data.src) image.src = data.src;
  image.alt = data.alt;
  image.draggable = false;
  const [left, top, width, height] = data.box;
  const put = (x, y) => {
    frame.style.left = `${100 * x}%`;
    frame.style.top = `${100 * y}%`;
  };
  frame.style.width = `${100 * width}%`;
  frame.style.height = `${100 * height}%`;
  put(left, top);

  const middle = (event) => {
    const area = image.getBoundingClientRect();
    const share = (at, from, whole) => Math.min(1, Math.max(0, (at - from) / whole));
    return [share(event.clientX, area.left, area.width), share(event.clientY, area.top, area.height)];
  };
  const within = (value, side) => Math.min(1 - side, Math.max(0, value - side / 2));
  const follow = (event) => {
    const [x, y] = middle(event);
    put(within(x, width), within(y, height));
  };
  box.onpointerdown = (event) => {
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    follow(event);
  };
  box.onpointermove = (event) => box.hasPointerCapture(event.pointerId) && follow(event);
  box.onpointercancel = () => put(left, top);
  box.onpointerup = (event) => {
    const [across, down] = middle(event);
    setStateValue("place", { across, down });
  };
}
