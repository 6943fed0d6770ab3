// What the bookmarklet runs on a page of results, after results.js: it watches which results are opened, and copies
// image address, page and title of them as a table that Collect's list takes. The bookmarklet calls moueStart.
const PATIENCE_MS = 2000

/** Rejected where no answer comes: a browser that asks, in a window that nobody sees, never gives one. */
const answeredSoon = (promise) => Promise.race([
  promise, new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), PATIENCE_MS) }),
])

const collect = (texts) => {
  const found = new Map()
  const look = () => {
    for (const one of moueResults.all()) {
      const before = found.get(one.image)
      found.set(one.image, { ...one, page: before?.page || one.page, title: before?.title || one.title })
    }
    count.textContent = texts.count.replace("{n}", String(found.size))
  }
  const cell = (text) => text.replace(/\s+/g, " ").trim()
  const table = () => [["url", "page", "title"], ...[...found.values()].map((one) => [one.image, one.page, one.title])]
    .map((row) => row.map(cell).join("\t")).join("\n") + "\n"

  const host = document.createElement("div"), shadow = host.attachShadow({ mode: "open" })
  const add = (tag, text, style) => {
    const node = document.createElement(tag)
    node.textContent = text
    node.style.cssText = style
    box.append(node)
    return node
  }
  const box = document.createElement("div")
  box.style.cssText = "position:fixed;left:16px;bottom:16px;z-index:2147483647;background:#fff;color:#222;padding:12px 16px;"
    + "border:1px solid #888;border-radius:8px;font:15px sans-serif;box-shadow:0 2px 12px #0004;max-width:340px"
  shadow.append(box)
  const count = add("div", "", "font-weight:600")
  add("div", texts.hint, "margin:4px 0 8px")
  const said = add("output", "", "display:block;margin:4px 0 8px") // apart from the count, which goes on
  const button = "font:inherit;padding:4px 12px;margin-right:8px;cursor:pointer"
  const copy = add("button", texts.copy, button), close = add("button", texts.close, button)
  copy.onclick = async () => {
    look()
    try {
      await answeredSoon(navigator.clipboard.writeText(table()))
      said.textContent = texts.copied.replace("{n}", String(found.size))
    } catch { // a page may forbid it: then by hand
      const area = add("textarea", table(), "display:block;width:300px;height:120px;margin-top:8px")
      area.select()
      said.textContent = texts.byHand
    }
  }
  const timer = setInterval(look, 500)
  close.onclick = () => {
    clearInterval(timer)
    host.remove()
    delete window.moueCollector
  }
  document.documentElement.append(host)
  look()
  return { table, look, close: () => close.click() }
}

window.moueStart = (texts) => { window.moueCollector ??= collect(texts) }
