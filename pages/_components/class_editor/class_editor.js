// The Classes page: each change is sent at once, and what is shown afterwards is what is stored.

class ClassEditor {
  constructor(root) {
    this.root = root
    this.rows = new Map() // id -> ClassRow
    this.find = (selector) => root.querySelector(selector)
    this.merge = new Merge(this.find(".merge"), (what, id, value) => this.send(what, id, value))
    this.find(".digits").onclick = () => this.send("digits", 0)
    this.find(".add").onsubmit = (event) => {
      event.preventDefault()
      this.send("add", 0, this.find(".add input").value)
    }
  }

  update(data, change) {
    this.change = change
    const { rows, archived, locked } = data
    const send = (what, id, value) => this.send(what, id, value)
    const shown = rows.map((one, at) => {
      if (!this.rows.has(one.id)) this.rows.set(one.id, new ClassRow(one.id, send))
      const row = this.rows.get(one.id)
      row.update(one, { first: at === 0, last: at === rows.length - 1 }, locked)
      return row
    })
    showNodes(this.find(".rows"), shown.map((row) => row.node))
    shown.forEach((row) => row.focusAgain())
    this.find(".digits").hidden = !data.digits
    this.find(".digits").disabled = Boolean(locked)
    const hint = t("A key is one small letter, digit or sign. Review itself has {keys} and space.", { keys: data.keys })
    this.find(".hint").textContent = hint
    for (const node of this.find(".add").elements) {
      node.disabled = Boolean(locked)
      node.title = locked
    }
    if (this.asked === "add" && !data.told) this.find(".add input").value = "" // a refused name stays to be mended
    this.merge.update(rows, locked)
    this.find(".archived").hidden = !archived.length
    this.find(".away").replaceChildren(...archived.map((one) => archivedRow(one, send, locked)))
    this.tell(data.told)
    this.asked = ""
  }

  send(what, id, value = "") {
    this.asked = what
    this.change({ do: what, id, value })
  }

  /** What came of it, beside what it was about. */
  tell(told) {
    for (const place of this.root.querySelectorAll(".told")) {
      const here = told && String(told.beside) === place.dataset.beside
      place.className = here && told.error ? "told error" : "told"
      place.setAttribute("role", here && told.error ? "alert" : "status")
      place.replaceChildren(...(here ? [make("span", "", told.text), ...this.link(told.see)] : []))
    }
  }

  link(address) {
    if (!address) return []
    const link = make("a", "", t("See its faces in Review"))
    Object.assign(link, { href: address, target: "_blank", rel: "noreferrer" })
    return [link]
  }
}

const editors = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".classes")
  if (!root || !data) return
  useWords(data.words)
  translate(root)
  if (!editors.has(root)) editors.set(root, new ClassEditor(root))
  editors.get(root).update(data, (change) => setTriggerValue("change", change))
  root.classList.add("drawn")
}
