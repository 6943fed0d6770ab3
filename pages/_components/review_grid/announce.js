// Texts: numbers, reasons and keys in the reader's language; the line over the grid, and what a screen reader hears.
// Uses words.js and the queue's count of what is saved.

const SAVED_MS = 1200 // of rest after a burst
const ERROR_MS = 2000 // the person may be at the next face already, and its text would replace the error
let locale = "en"
let numbers = new Intl.NumberFormat(locale)
const counted = new Map() // a formatter is slow

function useLocale(given) {
  if (!given || given === locale) return
  locale = given
  numbers = new Intl.NumberFormat(locale)
  counted.clear()
}

function count(number) {
  const whole = Math.round(number)
  if (!counted.has(whole)) {
    if (counted.size > 2000) counted.clear()
    counted.set(whole, numbers.format(whole))
  }
  return counted.get(whole)
}

function reasonName(slug) {
  const names = {
    not_a_mouth: t("not a mouth"), blurred: t("blurred"), too_small: t("too small"), occluded: t("occluded"),
    profile: t("profile"), drawing: t("drawing"), child: t("child"), duplicate: t("duplicate"), other: t("other"),
  }
  return names[slug] ?? slug.replaceAll("_", " ")
}

/** [keys, what they do] of the help. */
function helpRows(classKeys) {
  return [
    ["← → ↑ ↓", t("move")],
    ["Home End PgUp PgDn", t("first, last, a screen up or down")],
    [classKeys, t("label the selection, or the face in focus, and move on")],
    ["x", t("reject; then, if you like, one key for the reason")],
    ["u", t("unsure")],
    ["Enter", t("the last class for every undecided face of this page, one step")],
    ["Enter", t("labelling with suggestions: confirm what reaches your threshold on this page of one class, one step")],
    ["z", t("undo your last step, as often as you like")],
    ["Shift + z", t("redo what you took back, until you decide anew")],
    ["y  l", t("where somebody decided otherwise meanwhile: your answer again, or leave it so")],
    [t("Shift + arrows, Shift + click, drag"), t("select a range; Esc while dragging: not after all")],
    ["t", t("add the face to the selection, or take it out, and move on; arrow keys keep the selection then")],
    [t("Ctrl + A, Ctrl + click"), t("select the page, add or remove one")],
    [t("Space (hold)"), t("the whole photo over the grid")],
    [t("pointer at rest on a face"), t("its whole photo beside the grid")],
    ["f", t("focus mode: one face large; wheel and drag zoom and pan")],
    ["[  ]  {  }  +  −", t("in focus mode: brightness, contrast, zoom; 0 resets them")],
    ["i", t("what is known of the face: quality, source, who decided what and when")],
    ["g", t("what the classes mean, with examples")],
    ["c", t("two to four faces side by side")],
    ["e", t("write a note on the face for the others")],
    ["o", t("gold: this face's answer is known from now on, or not any more (owners)")],
    ["s", t("similar first: order the faces by how much their mouths look like this one")],
    ["Shift s", t("the same by the mouth's shape alone: its opening, width and corners")],
    [t("tap, tap again, long press"), t("go to a face, select it, its whole photo")],
    ["n  p", t("next page, previous page")],
    ["q", t("next for me: faces that nobody else is given; what was handed out to you comes first")],
    ["a", t("move on after a decision: on or off")],
    ["+  −", t("larger, smaller crops")],
    ["?", t("these keys")],
    ["Esc", t("one step back")],
  ]
}

/** The live region: what was done, and "saved" once after a burst. */
class Announcer {
  constructor(live, queue) {
    this.live = live
    this.queue = queue
    this.announced = queue.saved
    this.onQueue = () => this.later()
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    clearTimeout(this.timer)
    this.queue.listeners.delete(this.onQueue)
  }

  announce(text) {
    this.live.textContent = text
  }

  later() {
    clearTimeout(this.timer)
    if (this.queue.pending.length || this.queue.saved === this.announced) return
    this.timer = setTimeout(() => {
      this.announced = this.queue.saved
      this.announce(t("saved"))
    }, SAVED_MS)
  }
}

/** The line over the grid: what was done last; bad news stay long enough to be read. */
class Notice {
  constructor(line, announcer) {
    this.line = line
    this.announcer = announcer
    this.until = 0
  }

  dispose() {
    clearTimeout(this.timer)
  }

  announce(text, bad = false) {
    this.announcer.announce(text)
    clearTimeout(this.timer)
    const remaining = bad ? 0 : this.until - performance.now()
    if (remaining > 0) this.timer = setTimeout(() => this.write(text, false), remaining)
    else this.write(text, bad)
  }

  write(text, bad) {
    this.until = bad ? performance.now() + ERROR_MS : 0
    writeIfChanged(this.line, "text", text)
    this.line.classList.toggle("bad", bad)
  }
}
