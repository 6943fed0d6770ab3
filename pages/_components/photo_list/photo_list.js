// The list: rows, page turns and the editor, joined. Streamlit calls the default export on every change of `data`.

const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"]
const BAR_PX = 56 // the navigation, which stays over the top of the page

class PhotoList {
  constructor(root) {
    this.root = root
    this.body = root.querySelector(".rows")
    this.live = root.querySelector(".live")
    this.editor = new Editor(root.querySelector("dialog"))
    this.shown = new Map() // row number -> {text, node}
    const foot = root.querySelector(".foot")
    root.querySelector(".top").replaceChildren(...[...foot.childNodes].map((node) => node.cloneNode(true)))
    root.addEventListener("click", (event) => {
      const to = event.target.closest?.("[data-turn]")?.dataset.turn
      if (to) this.trigger("turn", { to, page_key: this.data.page_key })
    })
    this.place = new AddressPlace(() => `moue:clean:${this.data.workspace}:${this.data.annotator}`, () => this.here())
    this.onScroll = () => this.byHand && this.place.moved() // not where the browser, or what loads above, scrolls
    this.onHand = () => { this.byHand = true }
    document.addEventListener("scroll", this.onScroll, { capture: true, passive: true })
    for (const name of HANDS) document.addEventListener(name, this.onHand, { capture: true, passive: true })
    this.body.addEventListener("focusin", (event) => {
      this.focused = event.target.closest(".row")
      this.place.moved()
    })
  }

  dispose() {
    this.place.dispose()
    document.removeEventListener("scroll", this.onScroll, { capture: true })
    for (const name of HANDS) document.removeEventListener(name, this.onHand, { capture: true })
    this.editor.stage.watcher.disconnect()
    if (this.editor.dialog.open) this.editor.dialog.close()
  }

  /** What the address says of where the person is: the row that they touched last, else the first on the screen. */
  here() {
    if (!this.data || !this.root.isConnected) return null
    const rows = [...this.body.children]
    const onScreen = (row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return bottom > BAR_PX && top < innerHeight
    }
    const begins = (row) => row.getBoundingClientRect().top >= BAR_PX
    const touched = this.focused?.isConnected && onScreen(this.focused)
    const at = touched ? this.focused : rows.filter(onScreen).find(begins) ?? rows[0]
    return { from: this.data.from, at: at?.dataset.n ?? "" }
  }

  /** Who comes back finds the row again: on the screen, and in focus. */
  restore() {
    const row = this.shown.get(Number(this.place.last().get("at")))?.node
    if (!row || row === this.body.firstElementChild) return
    row.scrollIntoView({ block: "start" })
    row.querySelector("button")?.focus({ preventScroll: true })
  }

  update(data, trigger) {
    this.trigger = trigger
    const first = !this.data
    const turned = this.data && this.data.page_key !== data.page_key
    this.data = data
    if (turned) this.message = null
    const { answer } = data
    const mine = answer && this.awaited && answer.token === this.awaited
    if (mine) this.message = answer.ok ? { sha: answer.sha, text: answer.message } : null
    this.draw()
    this.bars()
    if (mine) this.answered(answer)
    if (turned) this.root.scrollIntoView({ block: "start" })
    if (first) this.restore()
    this.place.moved()
  }

  draw() {
    const { rows, base } = this.data
    const kept = new Map()
    for (const row of rows) {
      const message = this.message?.sha === row.sha && row.sha ? this.message.text : ""
      const text = JSON.stringify([row, message, this.data.locked, this.data.erase_locked])
      const old = this.shown.get(row.n)
      const node = old?.text === text ? old.node : buildRow(row, base, (...what) => this.act(...what), message)
      if (old?.node !== node) this.lock(node)
      if (old && old.node !== node) old.node.replaceWith(node)
      kept.set(row.n, { text, node })
    }
    this.shown = kept
    showNodes(this.body, rows.map((row) => kept.get(row.n).node))
  }

  /** Who may not do it by their role is told why. */
  lock(node) {
    const { locked, erase_locked } = this.data
    for (const [why, buttons] of [[locked, "[data-act=draw], [data-act=move]"], [erase_locked, "[data-act=erase]"]]) {
      if (!why) continue
      for (const button of node.querySelectorAll(buttons)) {
        button.disabled = true
        button.title = why
      }
    }
  }

  bars() {
    const { first, last, total, has_prev: before, has_next: behind } = this.data
    for (const bar of this.root.querySelectorAll(".bar")) {
      bar.querySelector(".where").textContent = t("{from}–{to} of {all}", { from: numbers.format(first), to: numbers.format(last), all: numbers.format(total) })
      bar.querySelector("[data-turn=prev]").disabled = !before
      bar.querySelector("[data-turn=next]").disabled = !behind
      bar.querySelectorAll("button").forEach((button) => { button.hidden = !before && !behind })
    }
  }

  photo(row, overlay) {
    const url = urls(this.data.base, row)
    const alt = t("{name}, {width} by {height} pixels", row)
    return { width: row.width, height: row.height, small: url.thumb, large: overlay ? url.overlay : url.whole, alt }
  }

  async act(what, row, face, button) {
    if (what === "erase") {
      this.trigger("erase", { sha: row.sha, name: row.name, token: this.token() })
      return
    }
    const boxes = row.faces.map((one) => one.box)
    const job = { file: row.name, boxes, closed: () => this.focusBack(row, what, face) }
    if (what === "look") {
      // of the original: nothing is drawn on it that a colour could stand for
      const plain = face ? {} : { title: t("Original"), hint: t("Wheel zooms, dragging pans.") }
      this.editor.open({ ...job, ...plain, boxes: [], mode: "look", photo: this.photo(row, face === "overlay") })
    } else if (what === "draw") {
      const send = ({ x, y, w, h }) => this.ask({ do: "draw", sha: row.sha, box: [x, y, x + w, y + h].map(Math.round) })
      this.editor.open({ ...job, mode: "draw", photo: this.photo(row), send })
    } else {
      button.disabled = true
      try {
        const found = await askJson(`${this.data.base}api/face/${face.id}`)
        const [x, y, w, h] = found.crop
        const side = Math.max(w, h)
        const shape = squareCrop({ x: x + (w - side) / 2, y: y + (h - side) / 2, w: side }, found.image)
        const send = ({ x, y, w }) => this.ask({ do: "move", face: face.id, crop: [x, y, w] })
        this.editor.open({ ...job, boxes: [], points: found.points.slice(48), mode: "move", photo: this.photo(row), shape, send })
      } catch (error) {
        button.textContent = t("Not reached")
        button.title = t("{why}. Reload the page and try again.", { why: error.message })
        this.live.textContent = button.title
      } finally {
        button.disabled = false
      }
    }
  }

  token() {
    return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  }

  ask(what) {
    this.awaited = this.token()
    this.trigger("act", { ...what, token: this.awaited })
  }

  answered(answer) {
    this.awaited = null
    this.editor.answered(answer.ok, answer.message)
    this.live.textContent = answer.message
    if (!answer.ok) return
    for (const { sha, n } of this.data.rows) {
      if (sha === answer.sha) this.shown.get(n).node.classList.add("changed")
    }
  }

  /** The button that opened the editor, or its successor in a row that was built anew. */
  focusBack(row, what, face) {
    const node = this.shown.get(row.n)?.node
    const selector = what === "move" ? `[data-face="${face.id}"]` : what === "draw" ? "[data-act=draw]" : ".picture"
    node?.querySelector(selector)?.focus({ preventScroll: true })
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".clean")
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  const update = (list) => list.update(data, setTriggerValue)
  return showInApp(parentElement, root, undefined, () => new PhotoList(root), update)
}
