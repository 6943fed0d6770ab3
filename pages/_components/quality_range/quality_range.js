// Two native sliders over one histogram. Streamlit calls the default export on every change of `data`.

const ASK_MS = 90 // while a handle moves; the last position is always sent
const panels = new WeakMap()

/** The outermost bars hold what lies beyond the scale, too. */
const beyond = (at, value, all) => at === all - 1 ? "≥ " : at === 0 && value !== 0 ? "≤ " : ""

class RangePanel {
  constructor(root) {
    this.root = root
    this.find = (selector) => root.querySelector(selector)
    this.edges = new Edges(this.find(".edges"))
    this.turn = 0
    this.timer = 0
    for (const end of ["low", "high"]) {
      this.find(`.${end}`).addEventListener("input", () => this.slid(end))
      this.find(`.${end}`).addEventListener("change", () => this.sendRange())
    }
    for (const end of ["from", "to"]) this.find(`.${end}`).addEventListener("change", () => this.typed())
    this.find(".clear").addEventListener("click", () => this.clear())
    this.find(".plot").addEventListener("pointerdown", (event) => this.grab(event))
  }

  dispose() {
    clearTimeout(this.timer)
  }

  update(data, send) {
    this.send = send
    const fresh = this.data?.name !== data.name
    this.data = data
    this.root.classList.toggle("large", data.large)
    // an answer to an older move must not pull the handle back
    if (fresh || data.turn >= this.turn || !this.pending) {
      this.turn = Math.max(this.turn, data.turn)
      this.pending = false
      this.from = data.from
      this.to = data.to
    }
    this.root.classList.toggle("waiting", this.pending)
    this.words()
    this.bars()
    this.draw()
    this.edges.show(data.edges, data.base, data.unit)
  }

  words() {
    const { label, unit, help, low, high, step, digits, missing_words: missing } = this.data
    this.find(".name").textContent = label
    this.find(".help").textContent = help
    this.find(".unit").textContent = unit.trim()
    this.find(".missing").textContent = missing
    this.find(".missing").hidden = !missing
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low))
    this.find(".scale").replaceChildren(...ticks.map((value, at) => make("span", "", `${beyond(at, value, ticks.length)}${formatNumber(value, digits)}`)))
    for (const [slider, field, word] of [["low", "from", t("{label}: at least")], ["high", "to", t("{label}: at most")]]) {
      Object.assign(this.find(`.${slider}`), { min: low, max: high, step })
      Object.assign(this.find(`.${field}`), { min: low, max: high, step })
      this.find(`.${slider}`).setAttribute("aria-label", word.replace("{label}", label))
      this.find(`.${field}`).setAttribute("aria-label", t("{what}, typed", { what: word.replace("{label}", label) }))
    }
    this.find(".clear").setAttribute("aria-label", t("Clear {label}", { label }))
  }

  bars() {
    this.find("svg").setAttribute("viewBox", "0 0 1 1")
    this.find(".all").setAttribute("d", barPath(this.data.counts, 0, 1))
  }

  /** The handles, the bars that are kept, the fields: at once, whatever the server says later. */
  draw() {
    const { low, high, digits } = this.data
    const [from, to] = [this.from ?? low, this.to ?? high]
    const position = (value) => (Math.min(high, Math.max(low, value)) - low) / (high - low)
    this.find(".low").value = from
    this.find(".high").value = to
    // two handles at one end: the one that can still move lies on top
    this.find(".low").style.zIndex = position(from) > 0.5 ? 3 : 2
    this.find(".high").style.zIndex = 2
    const [left, right] = [100 * position(from), 100 * position(to)]
    this.find(".chosen").style.cssText = `left:${left}%;width:${right - left}%`
    this.find(".kept").setAttribute("d", barPath(this.data.counts, left / 100, right / 100))
    const { activeElement } = this.root.getRootNode()
    for (const [name, value] of [["from", this.from], ["to", this.to]]) {
      const field = this.find(`.${name}`)
      if (field !== activeElement || field.value === "") field.value = value === null ? "" : value.toFixed(digits)
      field.placeholder = name === "from" ? t("lowest") : t("highest")
    }
    this.find(".clear").classList.toggle("off", this.from === null && this.to === null)
    for (const [name, value] of [["low", this.from], ["high", this.to]]) {
      const text = value === null ? t("no limit") : `${formatNumber(value, digits)}${this.data.unit}`
      this.find(`.${name}`).setAttribute("aria-valuetext", text)
    }
  }

  // ---- input
  slid(end) {
    const { low, high } = this.data
    const [first, last] = [Number(this.find(".low").value), Number(this.find(".high").value)]
    if (end === "low") this.from = Math.min(first, last) <= low ? null : Math.min(first, last)
    else this.to = Math.max(first, last) >= high ? null : Math.max(first, last)
    this.draw()
    this.sendSoon()
  }

  /** A click beside the handles moves the nearer one there. */
  grab(event) {
    if (event.target.matches("input") || event.button !== 0) return
    const box = this.find("svg").getBoundingClientRect()
    const at = valueAt((event.clientX - box.left) / box.width, this.data)
    const end = nearerEnd(at, this, this.data)
    const slider = this.find(`.${end}`)
    slider.value = at
    slider.focus()
    this.slid(end)
    this.sendRange()
  }

  typed() {
    const ends = ["from", "to"].map((name) => {
      const { value } = this.find(`.${name}`)
      return value === "" ? null : Number(value)
    })
    Object.assign(this, rangeOf(ends, this.data))
    this.draw()
    this.sendRange()
  }

  clear() {
    this.from = this.to = null
    this.draw()
    this.sendRange()
  }

  // ---- to the server
  sendSoon() {
    if (!this.timer) this.timer = setTimeout(() => this.sendRange(), ASK_MS)
  }

  sendRange() {
    clearTimeout(this.timer)
    this.timer = 0
    const range = `${this.from} ${this.to}`
    if (this.pending ? range === this.range : this.from === this.data.from && this.to === this.data.to) return
    this.range = range
    this.pending = true
    this.turn += 1
    this.root.classList.add("waiting")
    this.send({ from: this.from, to: this.to, turn: this.turn })
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".range")
  if (!root || !data) return undefined
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  if (!panels.has(root)) panels.set(root, new RangePanel(root))
  const panel = panels.get(root)
  panel.update(data, (value) => setStateValue("range", value))
  return () => panel.dispose()
}
