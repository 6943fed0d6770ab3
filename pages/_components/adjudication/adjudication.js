// The component: one face that people differ on, large, with what each said; keys and buttons settle it.

function adjudicationQueueFor({ workspace, annotator, base }) {
  return queueFor(`${workspace}:adjudication`, annotator, base)
}

class App extends FaceBatchApp {
  constructor(root, data) {
    const queue = adjudicationQueueFor(data)
    super(root, data.base, queue, (changed, announce) => new AdjudicationModel(queue, changed, announce))
  }

  update(data, trigger) {
    this.guidelines = new Map(data.guidelines.map((one) => [one.class_id, one]))
    super.update(data, trigger)
  }

  buttons() {
    this.find(".choices").replaceChildren(...this.choices())
  }

  draw() {
    const { item } = this.model
    this.find(".body").hidden = !item
    this.find(".left").textContent = t("{n} left", { n: numbers.format(this.model.left) })
    if (item) {
      this.face(item)
      this.find(".why").textContent = { tie: t("a tie: nothing counts"), dispute: t("a dispute: nothing counts") }[item.waiting] ?? t("people differ; the rule takes one of the answers")
      this.find(".settled").textContent = item.answer ? t("settled: {what}", { what: this.model.words(item.answer.verdict, item.answer.class_id) }) : ""
      this.find(".answers").replaceChildren(...item.answers.map((one) => this.answer(one)))
      this.copies(item)
      this.guideline(item)
    }
    this.showStatus()
  }

  more(last) {
    return last?.seq ?? 0
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
    if (verdict === "accept" && spec) node.append(this.dot(spec.colour), make("span", "", spec.name))
    else node.append(make("span", "", this.model.words(verdict, classId)))
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
}

export default function adjudication({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".adjudication")
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  const queue = adjudicationQueueFor(data)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
