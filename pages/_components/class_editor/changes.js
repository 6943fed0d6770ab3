// Changes go one at a time, and again until they are answered: Streamlit lets a second one take the place of the first
// while a page is computed, and drops what is sent while the server is away. The server knows a change by its token.

const AGAIN_MS = 3000

/**
 * What a field holds once `stored` is known, and what it then counts as having shown: nothing that is typed goes.
 * before: { shown, value, active (the caret is in it), waits (it was changed again) }. answer: the change of this field
 * that was just answered, or null.
 */
function fieldAfter({ shown, value, active, waits }, stored, answer) {
  const last = answer ? answer.value : shown
  const typing = active && last !== undefined && value !== last
  return { shown: answer || !typing ? stored : shown, value: typing || waits ? value : stored }
}

class Changes {
  /** seen: (change) => what is shown of what it changes, asked as it goes. late: (change, number) => void.
   * alive: whether the page is still shown. */
  constructor({ seen, late, alive }) {
    Object.assign(this, { seen, late, alive, waiting: [], send: () => {} })
    this.warn = (event) => event.preventDefault()
  }

  /** Whether it was new: the same one twice, of a double click, is one. */
  push(change) {
    const { do: what, id, value } = change
    const moves = what === "up" || what === "down"
    if (!moves && this.waiting.some((one) => one.do === what && one.id === id && one.value === value)) return false
    this.waiting.push({ token: newId(), ...change })
    if (this.waiting.length === 1) this.go()
    return true
  }

  has(id, what) {
    return this.waiting.some((one) => one.id === id && one.do === what)
  }

  go() {
    clearTimeout(this.timer)
    const [next] = this.waiting
    if (!next) {
      removeEventListener("beforeunload", this.warn)
      return
    }
    addEventListener("beforeunload", this.warn)
    next.seen ??= this.seen(next)
    this.send(next)
    this.timer = setTimeout(() => {
      if (!this.alive()) {
        removeEventListener("beforeunload", this.warn)
        return
      }
      this.late(next, this.waiting.length)
      this.go()
    }, AGAIN_MS)
  }

  /** The change that `token` answers, where it is the one that went; the next one goes by `go()`. */
  answered(token) {
    if (!this.waiting.length || this.waiting[0].token !== token) return null
    return this.waiting.shift()
  }
}
