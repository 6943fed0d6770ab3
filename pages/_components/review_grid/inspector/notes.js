// What people say to each other about the face in the inspector. What is being written stays with its face, and while
// somebody writes, the inspector stays at that face, whatever the pointer rests on.

const NOTHING = { notes: [], open: false, resolved_by: null }

class Notes {
  constructor(app, box, base) {
    this.app = app
    this.base = base
    const find = (selector) => box.querySelector(selector)
    this.list = find(".thread")
    this.field = find("textarea")
    this.problem = find(".problem")
    this.resolve = find("[data-note=resolve]")
    this.add = find("[data-note=add]")
    this.drafts = new Map() // face id -> { text, key }: not sent yet
    this.said = new Map() // face id -> its notes as the server told them when something was said here
    this.face = null
    this.field.onfocus = () => (app.inspector.held = true)
    this.field.onblur = () => this.left()
    this.field.oninput = () => this.keep()
    this.field.onkeydown = (event) => this.typed(event)
    this.add.onclick = () => this.send()
    this.resolve.onclick = () => this.settle()
  }

  /** face: as the server tells it, with its `notes`; NOTHING of them while they are on their way. */
  show(face) {
    this.face = face
    const said = this.said.get(face.id)
    if (said && said.notes.length > face.notes.notes.length) face.notes = said // details asked for before it was said
    const { notes, open } = face.notes
    this.list.replaceChildren(...notes.map((note) => this.line(note)))
    this.list.hidden = !notes.length
    this.list.classList.toggle("settled", Boolean(notes.length) && !open)
    this.list.scrollTop = this.list.scrollHeight
    this.resolve.hidden = !notes.length
    this.resolve.textContent = open ? t("resolve") : t("open again")
    const by = face.notes.resolved_by
    this.resolve.title = by ? t("resolved by {name}", { name: by }) : ""
    this.field.value = this.drafts.get(face.id)?.text ?? ""
    this.problem.textContent = ""
    if (face.notes !== NOTHING) this.app.noted(face.id, open)
  }

  line({ annotator, text, at }) {
    const line = make("li")
    line.append(make("b", "", annotator), make("span", "quiet", ` ${formatTime(at)}`), make("p", "", text))
    return line
  }

  /** About the face in focus, whether or not its details have come. */
  write() {
    const { inspector, model } = this.app
    const item = model.items[model.focus]
    if (!item) return false
    inspector.hovered = null
    if (this.face?.id !== item.id) this.show({ id: item.id, notes: NOTHING })
    inspector.load()
    this.app.dialogs.large.close() // it lies over the field
    if (!this.field.checkVisibility()) this.app.dialogs.facts.open() // a narrow window shows it only so
    this.field.focus()
    return true
  }

  left() {
    this.app.inspector.held = false
    this.app.inspector.scheduleLoad()
  }

  keep() {
    const { value } = this.field
    if (!value) this.drafts.delete(this.face.id)
    else this.drafts.set(this.face.id, { text: value, key: this.drafts.get(this.face.id)?.key ?? newId() })
  }

  typed(event) {
    if (event.isComposing || event.keyCode === 229) return // Safari ends composing before the Enter that ends it
    if (event.key === "Escape") this.app.grid.list.focus({ preventScroll: true })
    else if (event.key === "Enter" && !event.shiftKey) this.send()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  async send() {
    const { face } = this
    const draft = face && this.drafts.get(face.id)
    if (!draft?.text.trim()) return
    await this.post("notes", face, { face_id: face.id, id: draft.key, text: draft.text }, () => {
      const now = this.drafts.get(face.id)
      if (now === draft) this.drafts.delete(face.id)
      else if (now) now.key = newId() // written on meanwhile: that is another note
      this.app.announce(t("note added"))
    })
  }

  settle() {
    const { face } = this
    return this.post("notes/resolved", face, { face_id: face.id, resolved: face.notes.open ? "yes" : "no" })
  }

  isShown(face) {
    return this.face?.id === face.id
  }

  async post(path, face, body, done = () => {}) {
    this.add.disabled = this.resolve.disabled = true
    try {
      const notes = await postJson(`${this.base}api/${path}`, body)
      face.notes = notes
      this.said.set(face.id, notes)
      done()
      if (this.isShown(face)) this.show(this.face)
      else this.app.noted(face.id, notes.open)
    } catch (error) {
      if (this.isShown(face)) this.problem.textContent = error.message
      else this.app.announce(error.message, true)
    } finally {
      this.add.disabled = this.resolve.disabled = false
    }
  }
}
