// The component: one label that is probably a slip, large, beside the nearest crops of each class; keys answer.
//   _shared/keys.js → here → model.js → _shared/decision_queue.js (POST /api/decisions), or POST /api/slips/kept.

const TO_END_MS = 15000
const numbers = new Intl.NumberFormat("en")

function slipQueueFor({ workspace, annotator, base }) {
  return queueFor(`${workspace}:slips`, annotator, base)
}

class SlipKeys extends Keys {
  run(name, event) {
    if (event.ctrlKey || event.metaKey) return false
    const action = this.app.actionOf(name)
    if (!action) return false
    if (!event.repeat) action()
    return true
  }
}

class App {
  constructor(root, data) {
    this.root = root
    this.base = data.base
    this.queue = slipQueueFor(data)
    this.refreshTimer = new RefreshTimer(this.queue, (name, value) => this.trigger(name, value))
    const post = (face, classId, keeps) =>
      postJson(`${this.base}api/slips/kept`, { face_id: face, class_id: classId, kept: keeps ? "yes" : "no" })
    this.model = new SlipModel(this.queue, post, () => this.draw(), (text, bad) => this.announce(text, bad))
    this.keys = new SlipKeys(this)
    this.onQueue = () => this.showStatus()
    this.queue.listeners.add(this.onQueue)
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

  /** What a key does: Enter keeps, the keys of the classes, x and u change, z takes back, arrows move. */
  actionOf(name) {
    const { model } = this
    const spec = [...model.classes.values()].find((one) => !one.archived && one.key === name)
    if (spec) return () => model.decide("accept", spec.id)
    return {
      Enter: () => model.keep(), x: () => model.decide("reject"), u: () => model.decide("unsure"), z: () => model.undo(),
      ArrowLeft: () => model.move(-1), ArrowRight: () => model.move(1),
    }[name]
  }

  peek() {}

  buttons() {
    const active = [...this.model.classes.values()].filter((one) => !one.archived)
    const keep = this.button("Enter", t("keep the label"))
    keep.querySelector("kbd").textContent = "⏎"
    const made = active.map((one) => this.button(one.key, one.name, one.colour))
    this.find(".choices").replaceChildren(
      keep, ...made, this.button("x", t("reject")), this.button("u", t("unsure")), this.button("z", t("undo")))
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

  draw() {
    const { model } = this
    const { item } = model
    this.find(".body").hidden = !item
    this.find(".left").textContent = t("{n} possible slips left", { n: numbers.format(model.left) })
    if (item) {
      const picture = this.find(".crop img")
      const url = `${this.base}api/image/crop/${item.id}?v=${item.v}`
      if (picture.getAttribute("src") !== url) picture.src = url
      this.photo(item)
      this.find(".place").textContent = t("{n} of this batch of {all}", { n: model.at + 1, all: model.items.length })
      this.find(".why").textContent = this.why(item)
      this.find(".kinds").replaceChildren(...item.kinds.map((one) => this.kind(item, one)))
    }
    this.showStatus()
  }

  why(item) {
    const { answer } = item
    if (answer) {
      const what = this.model.words(answer.verdict, answer.class_id)
      return answer.uuid ? t("changed: {what}", { what }) : t("kept: {what}", { what })
    }
    if (item.others) return t("{n} say otherwise: other people, or near copies of the photo", { n: numbers.format(item.others) })
    return t("it looks more like the suggested class than like its label")
  }

  /** The whole photo, with the face that it is about in a frame. */
  photo({ sha, box: [left, top, right, bottom], size: [width, height] }) {
    const svg = this.find(".photo svg")
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    const [picture, frame] = svg.children.length ? svg.children : [addShape(svg, "image"), addShape(svg, "rect")]
    const url = `${this.base}api/image/unified/${sha}?v=1`
    if (picture.getAttribute("href") !== url) picture.setAttribute("href", url)
    for (const [name, value] of Object.entries({ width, height })) picture.setAttribute(name, value)
    const place = { x: left, y: top, width: right - left, height: bottom - top }
    for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value)
  }

  /** One class: its name, what it is here, how probable, and its crops that look most like this one. */
  kind(item, { class_id: classId, examples }) {
    const spec = this.model.classes.get(classId)
    const row = make("section", "kind")
    const head = make("div")
    const name = make("h3")
    name.append(this.dot(spec?.colour ?? "transparent"), make("span", "", spec?.name ?? ""))
    const share = { [item.class_id]: item.probability, [item.suggested]: item.suggested_probability }[classId]
    head.append(name, make("span", "role quiet", this.role(item, classId, share)))
    if (share !== undefined) {
      const bar = make("div", "share")
      const filled = make("i")
      filled.style.width = `${Math.round(100 * share)}%`
      bar.append(filled)
      head.append(bar)
    }
    const shown = make("div", "examples")
    for (const one of examples) {
      const picture = make("img")
      picture.alt = t("a crop of this class that looks like it")
      picture.src = `${this.base}api/image/crop/${one.face_id}?v=${one.crop_version}`
      shown.append(picture)
    }
    if (!examples.length) shown.append(make("span", "quiet", t("no crop to compare with yet")))
    row.append(head, shown)
    return row
  }

  role(item, classId, share) {
    const percent = share === undefined ? "" : Math.min(99, Math.max(1, Math.round(100 * share))) // it is never sure
    if (classId === item.class_id) return t("the label, {n} %", { n: percent })
    return classId === item.suggested ? t("the suggestion, {n} %", { n: percent }) : ""
  }

  showStatus() {
    const { queue, model } = this
    const { pending } = model
    const saved = queue.saved + model.kept
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
    this.trigger("more", this.model.items.at(-1)?.place ?? -1)
  }

  announce(text, bad = false) {
    this.find(".note").textContent = text
    this.find(".note").classList.toggle("bad", bad)
  }
}

export default function possibleSlips({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".slips")
  useWords(data.words)
  translate(root)
  const queue = slipQueueFor(data)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
