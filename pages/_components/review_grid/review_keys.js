// Review's keys: which action of the app (review_grid.js) each one is. Uses _shared/keys.js. Of the DOM only the key
// events' own fields.

const REASON_KEYS = new Map([
  ["m", "not_a_mouth"], ["b", "blurred"], ["s", "too_small"], ["o", "occluded"], ["r", "profile"],
  ["d", "drawing"], ["c", "child"], ["k", "duplicate"], ["h", "other"],
])
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "OS", "Fn", "CapsLock", "NumLock", "ScrollLock", "Tab"]
const REPEATED = "z[]{}+-=" // these may run while they are held

class ReviewKeys extends Keys {
  constructor(app) {
    super(app)
    this.actions = this.bind(app, app.inspector)
  }

  bind(app, inspector) {
    return {
      x: () => app.reject(), u: () => app.unsure(), Enter: () => app.restOfPage(),
      z: () => app.undo(), Z: () => app.redo(), y: () => app.decideAgain(), l: () => app.leaveDiffering(),
      t: () => app.collect(), c: () => app.compare.toggle(),
      g: () => app.guidelines.toggle(), e: () => inspector.notes.write(), o: () => inspector.gold.toggle(),
      s: () => app.paging.like("looks"), S: () => app.paging.like("like"), i: () => app.dialogs.facts.toggle(),
      " ": () => app.peek(true), f: () => app.dialogs.large.toggle(), n: () => app.paging.turn("next"),
      p: () => app.paging.turn("prev"), q: () => app.paging.mine(), a: () => app.toggleAdvance(),
      "+": () => app.grow(1), "=": () => app.grow(1), "-": () => app.grow(-1),
      "[": () => inspector.lighten(-1, 0), "]": () => inspector.lighten(1, 0), 0: () => inspector.resetView(),
      "{": () => inspector.lighten(0, -1), "}": () => inspector.lighten(0, 1),
      "?": () => app.dialogs.help.toggle(), Escape: () => app.back(),
    }
  }

  /** Returns whether the key is one of ours. */
  run(name, event) {
    const { app } = this
    if (MODIFIERS.includes(name)) return false
    app.hover.cancel()
    if (event.ctrlKey || event.metaKey) return app.selectAll()
    if (app.pointer.banding && name !== "Escape") app.pointer.finish() // what it holds is meant
    if (app.dialogs.help.isOpen()) return this.inHelp(name)
    if (app.guidelines.overlay.isOpen()) return this.inGuidelines(name, event)
    if (app.compare.overlay.isOpen()) return this.inCompare(name)
    if (!event.repeat && this.decide(name, event)) return true // a held key decides once
    const to = this.destination(name)
    return to === null ? this.act(name, event) : app.move(to, event.shiftKey)
  }

  /** A class's key labels; after a reject one more key gives the reason. */
  decide(name, event) {
    const { app } = this
    const spec = this.classOf(name, event)
    if (spec) return app.label(spec)
    return app.model.armed && REASON_KEYS.has(name) ? app.setReason(REASON_KEYS.get(name)) : false
  }

  /** The class whose key was typed, else the one whose digit stands on the key; one without a key is never meant. */
  classOf(name, { key = name }) {
    const withKey = (typed) => this.app.model.active.find((spec) => spec.key && spec.key.toLowerCase() === typed)
    return withKey(key.toLowerCase()) ?? withKey(name)
  }

  act(name, event) {
    const action = this.actions[event.shiftKey && "zs".includes(name) ? name.toUpperCase() : name]
    if (!action) return this.classOf(name, event) !== undefined
    if (event.repeat && !REPEATED.includes(name)) return true
    return action() !== false
  }

  /** The help scrolls; any other key closes it and does nothing else. */
  inHelp(name) {
    return /^(Arrow|Page|Home|End)/.test(name) ? false : this.app.dialogs.help.close()
  }

  /** They scroll; a class's key turns to it, any other key closes them and does nothing else. */
  inGuidelines(name, event) {
    if (/^(Arrow|Page|Home|End)/.test(name)) return false
    return this.app.guidelines.key(this.classOf(name, event))
  }

  /** It scrolls; any other key closes it and does nothing else: no face is decided that is not looked at by itself. */
  inCompare(name) {
    return /^(Arrow|Page|Home|End)/.test(name) ? false : this.app.compare.toggle()
  }

  /** The card that a movement key leads to; null: it is none. */
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
