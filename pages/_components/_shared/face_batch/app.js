// What the components around a FaceBatchModel share: keys and buttons, one face large with its photo, the status.
//   _shared/keys.js → here → the component's model.js → _shared/decision_queue.js (POST /api/decisions).

const TO_END_MS = 15000
const numbers = new Intl.NumberFormat("en")

class FaceBatchKeys extends Keys {
  run(name, event) {
    if (event.ctrlKey || event.metaKey) return false
    const action = this.app.actionOf(name)
    if (!action) return false
    if (!event.repeat) action()
    return true
  }
}

/** Who extends it has `buttons()`, `draw()` and `more()`, what the server wants to know of the last face of a batch. */
class FaceBatchApp {
  /** queue: a DecisionQueue. build(changed, announce): the model. */
  constructor(root, base, queue, build) {
    this.root = root
    this.base = base
    this.queue = queue
    this.refreshTimer = new RefreshTimer(queue, (name, value) => this.trigger(name, value))
    this.model = build(() => this.draw(), (text, bad) => this.announce(text, bad))
    this.keys = new FaceBatchKeys(this)
    this.onQueue = () => this.showStatus()
    queue.listeners.add(this.onQueue)
    root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-key]")?.dataset.key
      if (act) this.actionOf(act)?.()
    })
  }

  dispose() {
    this.keys.dispose()
    this.model.dispose()
    this.queue.listeners.delete(this.onQueue)
    this.refreshTimer.dispose()
    clearTimeout(this.asking)
    this.queue.flush()
  }

  find(selector) {
    return this.root.querySelector(selector)
  }

  update(data, trigger) {
    this.trigger = trigger
    if (this.model.pageKey === data.page_key) return
    clearTimeout(this.asking)
    this.asking = 0
    this.model.load(data)
    this.buttons()
    this.showStatus()
  }

  /** What a key does: the keys of the classes, x, u, z and the arrows. */
  actionOf(name) {
    const { model } = this
    const spec = this.activeClasses.find((one) => one.key === name)
    if (spec) return () => model.decide("accept", spec.id)
    return {
      x: () => model.decide("reject"), u: () => model.decide("unsure"), z: () => model.undo(),
      ArrowLeft: () => model.move(-1), ArrowRight: () => model.move(1),
    }[name]
  }

  peek() {}

  get activeClasses() {
    return [...this.model.classes.values()].filter((one) => !one.archived)
  }

  /** The buttons of the classes, and those of x, u and z. */
  choices() {
    const made = this.activeClasses.map((one) => this.button(one.key, one.name, one.colour))
    return [...made, this.button("x", t("reject")), this.button("u", t("unsure")), this.button("z", t("undo"))]
  }

  button(key, text, colour = "") {
    const node = make("button")
    node.dataset.key = key
    node.append(make("kbd", "", key))
    if (colour) node.append(this.dot(colour))
    node.append(make("span", "", text))
    return node
  }

  dot(colour) {
    const node = make("span", "dot")
    node.style.background = colour
    return node
  }

  /** The crop, the whole photo with its face in a frame (there may be others on it), and which of the batch it is. */
  face({ id, v, sha, box: [left, top, right, bottom], size: [width, height] }) {
    const crop = this.find(".crop img")
    const cropUrl = `${this.base}api/image/crop/${id}?v=${v}`
    if (crop.getAttribute("src") !== cropUrl) crop.src = cropUrl
    const svg = this.find(".photo svg")
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    const [picture, frame] = svg.children.length ? svg.children : [addShape(svg, "image"), addShape(svg, "rect")]
    const url = `${this.base}api/image/unified/${sha}?v=1`
    if (picture.getAttribute("href") !== url) picture.setAttribute("href", url)
    for (const [name, value] of Object.entries({ width, height })) picture.setAttribute(name, value)
    const place = { x: left, y: top, width: right - left, height: bottom - top }
    for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value)
    const { at, items } = this.model
    this.find(".place").textContent = t("{n} of this batch of {all}", { n: at + 1, all: items.length })
  }

  /** How many are saved: more than the queue's where a component posts something besides. */
  get saved() {
    return this.queue.saved
  }

  showStatus() {
    const { queue, model, saved } = this
    const { pending } = model
    const status = this.find(".status")
    status.dataset.state = pending ? (queue.problem ? "retrying" : "saving") : saved ? "saved" : "idle"
    status.textContent = {
      retrying: t("{n} not saved yet, retrying", { n: numbers.format(pending) }), saving: t("saving {n}", { n: numbers.format(pending) }),
      saved: t("saved ✓ {n}", { n: numbers.format(saved) }), idle: "",
    }[status.dataset.state]
    if (model.done && !pending) this.ask()
    else this.refreshTimer.restart()
  }

  /** The batch is answered and saved: the next one, please; z takes back what is in it until it is there. */
  ask() {
    if (this.asking) return
    this.refreshTimer.markFresh()
    this.asking = setTimeout(() => (this.asking = 0), TO_END_MS)
    this.trigger("more", this.more(this.model.items.at(-1)))
  }

  announce(text, bad = false) {
    this.find(".note").textContent = text
    this.find(".note").classList.toggle("bad", bad)
  }
}
