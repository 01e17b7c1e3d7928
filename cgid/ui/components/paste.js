// Passes images from the clipboard, or dropped outside the upload box, to Python. Nothing is sent anywhere else.
const busy = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  const status = parentElement.querySelector("[role=status]")
  button.querySelector("span").textContent = data.label
  const say = text => { status.textContent = text }

  const send = async (files, dropped) => {
    if (!files.length || busy.get(parentElement)) return
    if (files.length > data.most) return say(data.words.many)
    if (files.reduce((sum, file) => sum + file.size, 0) > data.bytes) return say(data.words.large)
    busy.set(parentElement, true)
    say(data.words.reading)
    try {
      const read = []
      for (const file of files) read.push({ name: file.name || "", content: await base64(file) })
      setTriggerValue("pictures", { files: read, dropped })
      say("")
    } catch {
      say(data.words.unreadable)
    } finally {
      busy.delete(parentElement)
    }
  }

  button.onclick = async () => {
    let items
    try {
      items = await navigator.clipboard.read()
    } catch {
      return say(data.words.denied) // no secure page, or the browser was told not to
    }
    const found = []
    for (const item of items) {
      const kind = item.types.find(type => type.startsWith("image/"))
      if (kind) found.push(new File([await item.getType(kind)], "pasted." + kind.split("/")[1].split("+")[0]))
    }
    found.length ? send(found, false) : say(data.words.none)
  }

  // What is dropped on a part of the page that takes no files would open in place of the page. Upload boxes take theirs,
  // and each of them marks every drop on the page as handled, so that mark says nothing.
  const inBox = event => event.composedPath().some(node => node.dataset?.testid?.startsWith("stFileUploader"))
  const held = event => event.dataTransfer?.types.includes("Files") && !inBox(event)
  const pasted = event => {
    const files = [...(event.clipboardData?.files ?? [])]
    const written = event.composedPath()[0]?.matches?.("input, textarea, [contenteditable=true]")
    // Cells and paragraphs come with a picture of themselves; who writes wants the text.
    if (!files.length || (written && event.clipboardData.types.includes("text/plain"))) return
    event.preventDefault()
    send(files, false)
  }
  const over = event => { if (held(event)) event.preventDefault() }
  const dropped = event => {
    if (!held(event)) return
    event.preventDefault()
    send([...event.dataTransfer.files], true)
  }
  window.addEventListener("paste", pasted)
  window.addEventListener("dragover", over)
  window.addEventListener("drop", dropped)
  parentElement.forget?.()
  parentElement.forget = () => {
    window.removeEventListener("paste", pasted)
    window.removeEventListener("dragover", over)
    window.removeEventListener("drop", dropped)
  }
  return () => parentElement.forget()
}

function base64(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1))
    reader.onerror = () => failed(reader.error)
    reader.readAsDataURL(file)
  })
}
