// A key press, from the window to the component's action: what its name is, whether it is the component's, and that
// nobody else hears of it then. Read at window capture, by `event.key`, and by `event.code` where an input method or a
// layout hides the key. Uses the DOM's events alone; a subclass says in `run` what its keys do.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]:not([contenteditable=false])"
const ELSEWHERE = "[role=dialog]:not(.ours), [role=menu], [role=listbox]:not(.list), [role=combobox]"
const CLICKABLE = "button, a[href], summary, [role=button], [role=tab], [role=radio], [role=checkbox], [role=switch]"
const ARROWED = "input[type=range], [role=tab], [role=radio], [role=slider], [role=separator], .scrolls"
const NAMELESS = ["Process", "Unidentified"] // an input method hides which one it is
const NAMED = /^[A-Z][A-Za-z]*\d*$/ // "ArrowLeft", "F5"; not the two letters that one key of an Arabic board writes
const OTHER_ALPHABET = /^(?!\p{Script=Latin}|\p{Script=Inherited})[\p{L}\p{M}]+$/u // India's vowel signs are marks
const WIDE = /^[０-９Ａ-Ｚａ-ｚ]$/ // full-width, as an input method for Chinese or Japanese writes

/** What is printed on the key, by its place on the board: a digit, a letter, or neither. */
function printedOn(code) {
  return { digit: /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1], letter: /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() }
}

/** The key as bound: lower case, "" where nothing of ours can be meant (a dead key, a letter made with AltGr). */
function keyName(event) {
  const { code, shiftKey } = event
  const key = WIDE.test(event.key) ? event.key.normalize("NFKC") : event.key
  if (!key || key === "Dead") return ""
  if (key.length > 1 && NAMED.test(key) && !NAMELESS.includes(key)) return key
  if (event.getModifierState?.("AltGraph")) return /^[^\p{L}\p{N}]$/u.test(key) ? key : ""
  return /^[a-z0-9 ]$/i.test(key) ? key.toLowerCase() : byPlace(key, printedOn(code), shiftKey)
}

/** A sign, a letter that is not ASCII, or what an input method hides. */
function byPlace(key, { digit, letter }, shiftKey) {
  if (digit && !shiftKey) return digit // of the digit row layouts make "&", "é", "+" or "_": it still means its digit
  if (NAMELESS.includes(key)) return letter ?? ""
  return (OTHER_ALPHABET.test(key) && letter) || key.toLowerCase()
}

/** Whether the key belongs to the element in focus (typing, a menu, a button) or to the browser, and not to us. */
function belongsElsewhere(event, name) {
  const target = event.composedPath()[0]
  const within = (selector) => target instanceof Element && target.closest(selector)
  if (within(TYPING) || within(ELSEWHERE)) return true
  if (event.ctrlKey || event.metaKey) return name !== "a" || event.shiftKey
  if (name === "Enter" || name === " ") return Boolean(within(CLICKABLE))
  return /^(Arrow|Page|Home|End)/.test(name) && Boolean(within(ARROWED))
}

/** Subclasses define `run(name, event)`: do what the key means; returns whether it was one of theirs. */
class Keys {
  constructor(app) {
    this.app = app
    this.held = new Set() // keys whose keydown was ours: their keyup is ours too
    this.down = (event) => this.onDown(event)
    this.up = (event) => this.onUp(event)
    this.blur = () => this.released()
    addEventListener("keydown", this.down, true)
    addEventListener("keyup", this.up, true)
    addEventListener("blur", this.blur)
  }

  dispose() {
    removeEventListener("keydown", this.down, true)
    removeEventListener("keyup", this.up, true)
    removeEventListener("blur", this.blur)
  }

  released() {
    this.held.clear()
    this.app.peek(false)
  }

  onDown(event) {
    if (event.isComposing || event.altKey) return
    const name = keyName(event)
    if (!name || belongsElsewhere(event, name) || !this.run(name, event)) return
    this.held.add(event.code || name)
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  onUp(event) {
    if (keyName(event) === " ") this.app.peek(false)
    if (!this.held.delete(event.code || keyName(event))) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
}
