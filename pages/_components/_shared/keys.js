// Keys are read at window capture, by `event.key` with `event.code` where an input method or a layout hides the key.

const REASON_KEYS = new Map([
  ["m", "not_a_mouth"], ["b", "blurred"], ["s", "too_small"], ["o", "occluded"], ["r", "profile"],
  ["d", "drawing"], ["c", "child"], ["k", "duplicate"], ["h", "other"],
])
const REPEATED = "z[]{}+-=" // a held key decides once; these may run
const TYPING = "input:not([type=range]), textarea, select, [contenteditable]:not([contenteditable=false])"
const ELSEWHERE = "[role=dialog]:not(.ours), [role=menu], [role=listbox]:not(.list), [role=combobox]"
const CLICKABLE = "button, a[href], summary, [role=button], [role=tab], [role=radio], [role=checkbox], [role=switch]"
const ARROWED = "input[type=range], [role=tab], [role=radio], [role=slider], [role=separator]"
/** The key as bound: lower case, "" where the layout gives nothing that could be meant. */
function keyName(event) {
  const { key, code } = event
  if (key.length > 1 && !["Process", "Unidentified", "Dead"].includes(key)) return key
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  const letter = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase()
  const ascii = key.length === 1 && key.charCodeAt(0) < 128
  if (ascii && (/[a-z0-9? +=_[\]{}-]/i.test(key) || !digit || event.shiftKey)) return key.toLowerCase()
  return digit ?? (ascii ? key : letter) ?? ""
}

class Keys {
  constructor(app) {
    this.app = app
    this.held = new Set() // keys whose keydown was ours: their keyup is ours too
    this.down = (event) => this.onDown(event)
    this.up = (event) => this.onUp(event)
    this.blur = () => this.released()
    this.actions = this.bind(app, app.inspector)
    addEventListener("keydown", this.down, true)
    addEventListener("keyup", this.up, true)
    addEventListener("blur", this.blur)
  }

  bind(app, inspector) {
    return {
      x: () => app.reject(), u: () => app.unsure(), z: () => app.undo(), Z: () => app.redo(), Enter: () => app.rest(),
      t: () => app.collect(), s: () => app.turning.like(), i: () => app.dialogs.toggleFacts(),
      " ": () => app.peek(true), f: () => app.toggleFocus(), n: () => app.turning.turn("next"),
      p: () => app.turning.turn("prev"), a: () => app.toggleAdvance(),
      "+": () => app.grow(1), "=": () => app.grow(1), "-": () => app.grow(-1),
      "[": () => inspector.lighten(-1, 0), "]": () => inspector.lighten(1, 0), 0: () => inspector.plain(),
      "{": () => inspector.lighten(0, -1), "}": () => inspector.lighten(0, 1),
      "?": () => app.dialogs.toggleHelp(), Escape: () => app.back(),
    }
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
    const target = event.composedPath()[0]
    const within = (selector) => target instanceof Element && target.closest(selector)
    if (within(TYPING) || within(ELSEWHERE)) return
    const name = keyName(event)
    if (event.ctrlKey || event.metaKey) {
      if (name !== "a" || event.shiftKey) return
    } else {
      if ((name === "Enter" || name === " ") && within(CLICKABLE)) return
      if (/^(Arrow|Page|Home|End)/.test(name) && within(ARROWED)) return
    }
    if (!this.run(name, event)) return
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

  /** Returns whether the key is one of ours. */
  run(name, event) {
    const { app } = this
    const { model } = app
    if (["Shift", "Control", "Alt", "Meta", "Tab"].includes(name)) return false
    app.hover.hush()
    if (event.ctrlKey || event.metaKey) return app.selectAll()
    if (app.hand.banding && name !== "Escape") app.hand.finish() // what it holds is meant
    if (app.dialogs.helpOpen()) return this.inHelp(name)
    const spec = model.active.find((candidate) => candidate.key === name)
    if (!event.repeat && spec) return app.label(spec)
    if (!event.repeat && model.armed && REASON_KEYS.has(name)) return app.because(REASON_KEYS.get(name))
    const move = this.destination(name)
    if (move !== null) return app.move(move, event.shiftKey)
    const action = this.actions[event.shiftKey && name === "z" ? "Z" : name]
    if (!action) return spec !== undefined
    if (event.repeat && !REPEATED.includes(name)) return true
    return action() !== false
  }

  /** The help scrolls; any other key closes it and does nothing else. */
  inHelp(name) {
    return /^(Arrow|Page|Home|End)/.test(name) ? false : this.app.dialogs.closeHelp()
  }

  destination(name) {
    const { model, grid, inspector } = this.app
    const row = inspector.mode === "focus" ? 1 : grid.columns
    const screen = row * grid.rowsVisible()
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, PageUp: -screen, PageDown: screen }[name]
    if (name === "Home") return 0
    if (name === "End") return model.items.length - 1
    if (by === undefined) return null
    const last = model.items.length - 1
    const to = model.focus + by
    if (to >= 0 && to <= last) return to
    if (name === "ArrowUp" || (name === "ArrowDown" && Math.floor(model.focus / row) === Math.floor(last / row))) return model.focus
    return to < 0 ? 0 : last
  }
}
