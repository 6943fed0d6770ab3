// The component: one label that is probably a slip, large, beside the nearest crops of each class; keys answer. What is
// kept goes to POST /api/slips/kept.

function slipQueueFor({ workspace, annotator, base }) {
  return queueFor(`${workspace}:slips`, annotator, base)
}

class App extends FaceBatchApp {
  constructor(root, data) {
    const queue = slipQueueFor(data)
    const post = (face, classId, keeps) =>
      postJson(`${data.base}api/slips/kept`, { face_id: face, class_id: classId, kept: keeps ? "yes" : "no" })
    super(root, data.base, queue, (changed, announce) => new SlipModel(queue, post, changed, announce))
  }

  /** Enter keeps; the other keys change it, or as everywhere. */
  actionOf(name) {
    return name === "Enter" ? () => this.model.keep() : super.actionOf(name)
  }

  buttons() {
    const keep = this.button("Enter", t("keep the label"))
    keep.querySelector("kbd").textContent = "⏎"
    this.find(".choices").replaceChildren(keep, ...this.choices())
  }

  draw() {
    const { model } = this
    const { item } = model
    this.find(".body").hidden = !item
    this.find(".left").textContent = t("{n} possible slips left", { n: numbers.format(model.left) })
    if (item) {
      this.face(item)
      this.find(".why").textContent = this.why(item)
      this.find(".kinds").replaceChildren(...item.kinds.map((one) => this.kind(item, one)))
    }
    this.showStatus()
  }

  get saved() {
    return super.saved + this.model.kept
  }

  more(last) {
    return last?.place ?? -1
  }

  why(item) {
    const { answer } = item
    if (answer) {
      const what = this.model.words(answer.verdict, answer.class_id)
      return answer.uuid ? t("changed: {what}", { what }) : t("kept: {what}", { what })
    }
    if (item.others === 1) return t("1 other answer differs: another person's, or a near copy's")
    if (item.others) return t("{n} other answers differ: other people's, or near copies'", { n: numbers.format(item.others) })
    return t("it looks more like the suggested class than like its label")
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
}

export default function possibleSlips({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".slips")
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  const queue = slipQueueFor(data)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
