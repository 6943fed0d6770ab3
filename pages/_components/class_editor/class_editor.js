// The Classes page: each change is sent at once, and what is shown afterwards is what is stored.

/** Beside what it is told how a change went: as the server says it. */
const place = ({ do: what, id }) => (what === "merge" ? what : id || what)

class ClassEditor {
  constructor(root) {
    this.root = root
    this.rows = new Map() // id -> ClassRow
    this.find = (selector) => root.querySelector(selector)
    this.changes = new Changes({
      seen: (change) => this.seen(change),
      late: (change, n) => this.tell({ beside: place(change), text: t("{n} not saved yet, retrying", { n }) }),
      alive: () => root.isConnected,
    })
    this.merge = new Merge(this.find(".merge"), (...change) => this.send(...change))
    this.find(".digits").onclick = () => this.send("digits", 0)
    this.find(".add").onsubmit = (event) => {
      event.preventDefault()
      this.send("add", 0, this.find(".add input").value)
    }
  }

  update(data, send) {
    this.changes.send = send
    const mine = this.changes.answered(data.answered)
    this.data = data
    this.draw(mine)
    if (!mine) return
    this.tell(data.told ?? { beside: place(mine), text: "" })
    this.changes.go()
  }

  draw(mine) {
    const { rows, archived, locked } = this.data
    const send = (...change) => this.send(...change)
    const shown = rows.map((one, at) => {
      if (!this.rows.has(one.id)) this.rows.set(one.id, new ClassRow(one.id, send))
      const row = this.rows.get(one.id)
      row.update(one, { first: at === 0, last: at === rows.length - 1 }, locked, mine, this.changes)
      return row
    })
    showNodes(this.find(".rows"), shown.map((row) => row.node))
    shown.forEach((row) => row.focusAgain())
    this.find(".digits").hidden = !this.data.digits
    this.find(".digits").disabled = Boolean(locked)
    const hint = t("A key is one small letter, digit or sign. Review itself has {keys} and space.", { keys: this.data.keys })
    this.find(".hint").textContent = hint
    for (const node of this.find(".add").elements) {
      node.disabled = Boolean(locked)
      node.title = locked
    }
    const name = this.find(".add input")
    if (mine?.do === "add" && !this.data.told && name.value === mine.value) name.value = "" // a refused one stays
    this.merge.update(rows, locked)
    this.find(".archived").hidden = !archived.length
    this.find(".away").replaceChildren(...archived.map((one) => archivedRow(one, send, locked)))
  }

  send(what, id, value = "", more = {}) {
    if (!this.changes.waiting.length) this.clear()
    this.changes.push({ do: what, id, value, ...more })
  }

  /** What is shown of what a change is about: the server refuses where it is another by now. */
  seen({ do: what, id, value }) {
    const named = (of) => [...this.data.rows, ...this.data.archived].find((one) => one.id === of)?.name
    if (FIELDS.some(([field]) => field === what)) return this.rows.get(id).shown[what]
    if (["up", "down", "digits"].includes(what)) return this.data.rows.map((one) => one.id)
    if (what === "merge") return [named(id), named(value)]
    return named(id)
  }

  clear() {
    for (const line of this.root.querySelectorAll(".told")) {
      line.className = "told"
      line.setAttribute("role", "status")
      line.replaceChildren()
    }
  }

  /** What came of it, beside what it was about; above all where that is no longer there. */
  tell({ beside, text, error, see }) {
    const places = [...this.root.querySelectorAll(".told")]
    const line = places.find((one) => one.dataset.beside === String(beside)) ?? this.find("[data-beside=gone]")
    line.className = error ? "told error" : "told"
    line.setAttribute("role", error ? "alert" : "status")
    line.replaceChildren(...(text ? [make("span", "", text), ...this.link(see)] : []))
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
