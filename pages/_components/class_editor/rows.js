// The classes line by line. A field is written when it is left or Enter is pressed; it then shows what is stored, but
// where somebody types in it or has changed it again: what is typed is never lost to an answer about something else.

const FIELDS = [
  ["name", (name) => t("Name of {name}", { name }), { maxLength: 40 }],
  ["key", (name) => t("Key of {name}", { name }), { maxLength: 1 }],
  ["letter", (name) => t("Letter of {name}", { name }), { maxLength: 1 }],
  ["colour", (name) => t("Colour of {name}", { name }), { type: "color" }],
]

function badge({ letter, colour, ink }) {
  const node = make("span", "badge", letter)
  node.style.background = colour
  node.style.color = ink
  return node
}

/** A button of a class: what it says, what it does in whole words, what it sends. */
function action(text, label, act, lock) {
  const button = make("button", "", text)
  button.setAttribute("aria-label", label)
  button.title = lock || label
  button.onclick = act
  return button
}

class ClassRow {
  /** send: (do, id, value) => void */
  constructor(id, send) {
    this.id = id
    this.send = send
    this.shown = {} // field -> what was stored when it was last shown
    this.node = make("div", "row")
    this.node.setAttribute("role", "group")
    this.fields = Object.fromEntries(FIELDS.map(([field, , more]) => [field, this.field(field, more)]))
    this.accepted = make("span", "accepted")
    this.buttons = make("span", "actions")
    this.badge = make("span")
    this.told = make("p", "told")
    this.told.dataset.beside = id
    this.told.setAttribute("role", "status")
    this.node.append(this.badge, ...Object.values(this.fields), this.accepted, this.buttons, this.told)
  }

  field(name, more) {
    const input = Object.assign(make("input", name), { autocomplete: "off", spellcheck: false }, more)
    input.onchange = () => this.send(name, this.id, input.value)
    input.onkeydown = (event) => {
      if (event.key === "Escape" && !event.isComposing) input.value = this.shown[name]
    }
    return input
  }

  /** Shows what is stored in a field, where nothing typed is lost by it. mine: the change that was just answered. */
  fill(field, stored, mine, changes) {
    const input = this.fields[field]
    const answer = mine?.id === this.id && mine.do === field ? mine : null
    const active = input === input.getRootNode().activeElement
    const before = { shown: this.shown[field], value: input.value, active, waits: changes.has(this.id, field) }
    const { shown, value } = fieldAfter(before, stored, answer)
    this.shown[field] = shown
    if (value !== input.value) input.value = value
  }

  /** one: the class as it is stored. place: { first, last }. lock: why nothing may be changed, or "". */
  update(one, { first, last }, lock, mine, changes) {
    this.node.setAttribute("aria-label", one.name)
    const before = this.badge
    this.badge = badge(one)
    before.replaceWith(this.badge)
    for (const [field, label] of FIELDS) {
      const input = this.fields[field]
      this.fill(field, one[field], mine, changes)
      input.disabled = Boolean(lock)
      input.title = lock
      input.setAttribute("aria-label", label(one.name))
    }
    this.accepted.replaceChildren(make("span", "says", `${t("Accepted faces")} `), make("b", "", one.accepted))
    this.focusAt = [...this.buttons.children].indexOf(this.buttons.getRootNode().activeElement)
    const { name } = one
    const buttons = [
      action(t("Up"), t("Move {name} up", { name }), () => this.send("up", this.id), lock),
      action(t("Down"), t("Move {name} down", { name }), () => this.send("down", this.id), lock),
      action(t("Archive"), t("Archive {name}", { name }), () => this.send("archive", this.id), lock),
    ]
    buttons.forEach((button, at) => { button.disabled = Boolean(lock) || (at === 0 && first) || (at === 1 && last) })
    this.buttons.replaceChildren(...buttons)
  }

  /** The key stays on its button when its row has moved; at the end of the list, on the one that leads back. */
  focusAgain() {
    if (this.focusAt < 0) return
    const button = this.buttons.children[this.focusAt]
    const other = this.buttons.children[1 - this.focusAt]
    if (!button.disabled) button.focus()
    else other?.focus()
  }
}

/** A class that was put away, with the way back. */
function archivedRow(one, send, lock) {
  const node = make("div", "row")
  const back = action(t("Bring back"), t("Bring {name} back", { name: one.name }), () => send("back", one.id), lock)
  back.disabled = Boolean(lock)
  node.append(badge(one), make("span", "name", one.name), back)
  return node
}
