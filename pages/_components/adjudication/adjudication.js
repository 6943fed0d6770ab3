// The component: one face that people differ on, large, with what each said; keys and buttons settle it.
//   _shared/keys.js → here → model.js → _shared/decision_queue.js (POST /api/decisions).

const TO_END_MS = 15000
const numbers = new Intl.NumberFormat("en")

function adjudicationQueueFor({ workspace, annotator, base }) {
  return queueFor(`${workspace}:adjudication`, annotator, base)
}

class AdjudicationKeys extends Keys {
  run(name, event) {
    const { app } = this
    if (event.ctrlKey || event.metaKey) return false
    const action = app.actionOf(name)
    if (!action) return false
    if (!event.repeat) action()
    return true
  }
}

class App {
  constructor(root, data) {
    this.root = root
    this.base = data.base
    this.queue = adjudicationQueueFor(data)
    this.refreshTimer = new RefreshTimer(this.queue, (name, value) => this.trigger(name, value))
    this.model = new AdjudicationModel(this.queue, () => this.draw(), (text, bad) => this.announce(text, bad))
    this.keys = new AdjudicationKeys(this)
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
    this.guidelines = new Map(data.guidelines.map((one) => [one.class_id, one]))
    this.model.load(data)
    this.buttons()
    this.showStatus()
  }

  /** What a key does: the keys of the classes, x, u, z and the arrows. */
  actionOf(name) {
    const { model } = this
    const spec = [...model.classes.values()].find((one) => !one.archived && one.key === name)
    if (spec) return () => model.decide("accept", spec.id)
    return {
      x: () => model.decide("reject"), u: () => model.decide("unsure"), z: () => model.undo(),
      ArrowLeft: () => model.move(-1), ArrowRight: () => model.move(1),
    }[name]
  }

  peek() {}

  buttons() {
    const active = [...this.model.classes.values()].filter((one) => !one.archived)
    const made = active.map((one) => this.button(one.key, one.name, one.colour))
    made.push(this.button("x", t("reject")), this.button("u", t("unsure")), this.button("z", t("undo")))
    this.find(".choices").replaceChildren(...made)
  }

  button(key, text, colour = "") {
    const node = make("button")
    node.dataset.key = key
    node.append(make("kbd", "", key))
    if (colour) {
      const dot = make("span", "dot")
      dot.style.background = colour
      node.append(dot)
    }
    node.append(make("span", "", text))
    return node
  }

  draw() {
    const { item } = this.model
    this.find(".body").hidden = !item
    this.find(".left").textContent = t("{n} left", { n: numbers.format(this.model.left) })
    if (item) {
      this.find(".crop img").src = `${this.base}api/image/crop/${item.id}?v=${item.v}`
      this.photo(item)
      this.find(".place").textContent = t("{n} of this batch of {all}", { n: this.model.at + 1, all: this.model.items.length })
      this.find(".why").textContent = { tie: t("a tie: nothing counts"), dispute: t("a dispute: nothing counts") }[item.waiting] ?? t("people differ; the rule takes one of the answers")
      this.find(".settled").textContent = item.settled ? t("settled: {what}", { what: this.model.words(item.settled.verdict, item.settled.class_id) }) : ""
      this.find(".answers").replaceChildren(...item.answers.map((one) => this.answer(one)))
      this.copies(item)
      this.guideline(item)
    }
    if (this.model.done && !this.queue.pending.length) this.ask()
  }

  /** The whole photo, with the face that it is about in a frame: there may be others on it. */
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

  answer(one) {
    const row = make("li")
    const what = this.badge(one)
    row.append(make("b", "", one.annotator), what)
    if (one.reason) row.append(make("span", "quiet", one.reason))
    row.append(make("span", "quiet", one.unseen ? t("{when}, had not seen the other", { when: one.at }) : one.at))
    return row
  }

  badge({ verdict, class_id: classId }) {
    const node = make("span", "badge")
    const spec = this.model.classes.get(classId)
    if (verdict === "accept" && spec) {
      const dot = make("span", "dot")
      dot.style.background = spec.colour
      node.append(dot)
    }
    node.append(make("span", "", this.model.words(verdict, classId)))
    return node
  }

  /** Near copies of the photo that carry another class than somebody's answer here, as large as the crop. */
  copies(item) {
    const nodes = item.copies.map((one) => {
      const figure = make("figure")
      const picture = make("img")
      picture.alt = t("the crop of a near copy")
      picture.src = `${this.base}api/image/crop/${one.face_id}?v=${one.crop_version}`
      const caption = make("figcaption")
      caption.append(make("span", "quiet", t("near copy")), this.badge({ verdict: "accept", class_id: one.class_id }))
      figure.append(picture, caption)
      return figure
    })
    this.find(".copies").replaceChildren(...nodes)
  }

  /** What the classes mean that were answered here. */
  guideline(item) {
    const said = [...new Set(item.answers.map((one) => one.class_id).filter((one) => one !== null))]
    const nodes = said.map((id) => {
      const box = make("section")
      const { text, examples } = this.guidelines.get(id) ?? { text: "", examples: [] }
      box.append(make("h4", "", this.model.classes.get(id)?.name ?? ""), make("p", text ? "" : "quiet", text || t("no guideline yet")))
      const shown = make("div", "examples")
      for (const one of examples.slice(0, 6)) {
        const picture = make("img", one.counter ? "counter" : "")
        picture.alt = one.counter ? t("a counter-example") : t("an example")
        picture.title = picture.alt
        picture.src = `${this.base}api/image/crop/${one.face_id}?v=${one.crop_version}`
        shown.append(picture)
      }
      box.append(shown)
      return box
    })
    this.find(".guidelines").replaceChildren(...nodes)
  }

  showStatus() {
    const { queue } = this
    const pending = queue.pending.length
    const status = this.find(".status")
    status.dataset.state = pending ? (queue.problem ? "retrying" : "saving") : queue.saved ? "saved" : "idle"
    status.textContent = {
      retrying: t("{n} not saved yet, retrying", { n: numbers.format(pending) }), saving: t("saving {n}", { n: numbers.format(pending) }),
      saved: t("saved ✓ {n}", { n: numbers.format(queue.saved) }), idle: "",
    }[status.dataset.state]
    if (this.model.done && !pending) this.ask()
    else this.refreshTimer.restart()
  }

  /** The batch is settled and saved: the next one, please; z takes back what is in it until it is there. */
  ask() {
    if (this.asking) return
    this.refreshTimer.markFresh()
    this.asking = setTimeout(() => (this.asking = 0), TO_END_MS)
    this.trigger("more", this.model.items.at(-1)?.seq ?? 0)
  }

  announce(text, bad = false) {
    this.find(".note").textContent = text
    this.find(".note").classList.toggle("bad", bad)
  }
}

export default function adjudication({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".adjudication")
  useWords(data.words)
  translate(root)
  const queue = adjudicationQueueFor(data)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
