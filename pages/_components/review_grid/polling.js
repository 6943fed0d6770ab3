// What others decide while this page is open, and this person in another tab: asked for now and then, only while the
// page is seen and nothing of one's own is under way.

const CHANGES_MS = 4000
const FIRST_MS = 800
const LONGEST_WAIT_MS = 60000
const CHANGES_REQUEST_MS = 10000

class Changes {
  constructor(app, base) {
    this.app = app
    this.queue = app.queue
    this.url = `${base}api/changes`
    this.after = null // number of the newest decision that the page shows
    this.failures = 0
    this.pages = 0
    this.soon = () => this.wait(FIRST_MS)
    document.addEventListener("visibilitychange", this.soon)
    addEventListener("online", this.soon)
  }

  dispose() {
    this.gone = true
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.soon)
    removeEventListener("online", this.soon)
  }

  /** A page is shown that was true when the log ended at number `seq`. */
  begin(seq) {
    this.after = seq ?? this.after
    this.pages += 1
    this.wait(FIRST_MS)
  }

  wait(ms) {
    clearTimeout(this.timer)
    if (this.gone || document.hidden) return
    this.timer = setTimeout(() => this.ask(), ms * (0.9 + 0.2 * Math.random())) // not everybody at once
  }

  async ask() {
    if (this.busy) return
    if (this.queue.pending.length) return void this.wait(CHANGES_MS)
    this.busy = true
    const before = `${this.pages} ${this.queue.seq}`
    let again = CHANGES_MS
    try {
      const told = await this.fetch()
      this.failures = 0
      // else what was told may be older than a page that came, or a decision of one's own that went out meanwhile
      if (`${this.pages} ${this.queue.seq}` === before && !this.gone) again = this.learn(told)
    } catch (error) {
      console.debug("Moue: what others decide is not known now", error)
      again = Math.min(LONGEST_WAIT_MS, CHANGES_MS * 2 ** ++this.failures)
    }
    this.busy = false
    this.wait(again)
  }

  async fetch() {
    const url = this.after === null ? this.url : `${this.url}?after=${this.after}`
    const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(CHANGES_REQUEST_MS) })
    if (!response.ok) throw new Error(`${response.status}`)
    return response.json()
  }

  learn({ seq, faces, many }) {
    this.after = seq
    this.app.model.answers.meanwhile(faces)
    return many ? 0 : CHANGES_MS
  }
}
