// GET /api/changes: what others decide while this page is open, and this person in another tab. Polled only while the
// page is visible and nothing of one's own is unsaved. Hands what it gets to results.js.

const POLL_MS = 4000
const FIRST_MS = 800
const LONGEST_WAIT_MS = 60000
const POLL_REQUEST_MS = 10000

class Polling {
  constructor(app, base) {
    this.app = app
    this.queue = app.queue
    this.url = `${base}api/changes`
    this.after = null // number of the newest decision that the page shows
    this.face = 0 // that of the newest face when the page was read, or when the server was asked how many have come
    this.failures = 0
    this.pages = 0
    this.pollSoon = () => this.schedule(FIRST_MS)
    document.addEventListener("visibilitychange", this.pollSoon)
    addEventListener("online", this.pollSoon)
  }

  dispose() {
    this.gone = true
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.pollSoon)
    removeEventListener("online", this.pollSoon)
  }

  /** A page is shown that was true when the log ended at number `seq`, and the newest face was the number `face`. */
  begin(seq, face) {
    this.after = seq ?? this.after
    this.face = face ?? this.face
    this.pages += 1
    this.schedule(FIRST_MS)
  }

  schedule(ms) {
    clearTimeout(this.timer)
    if (this.gone || document.hidden) return
    this.timer = setTimeout(() => this.poll(), ms * (0.9 + 0.2 * Math.random())) // not everybody at once
  }

  async poll() {
    if (this.busy) return
    if (this.queue.pending.length) return void this.schedule(POLL_MS)
    this.busy = true
    const before = `${this.pages} ${this.queue.seq}`
    let delay = POLL_MS
    try {
      const changes = await this.fetch()
      this.failures = 0
      // else the answer may be older than a page that came, or a decision of one's own that went out meanwhile
      if (`${this.pages} ${this.queue.seq}` === before && !this.gone) delay = this.apply(changes)
    } catch (error) {
      console.debug("Moue: what others decide is not known now", error)
      delay = Math.min(LONGEST_WAIT_MS, POLL_MS * 2 ** ++this.failures)
    }
    this.busy = false
    this.schedule(delay)
  }

  async fetch() {
    const url = this.after === null ? this.url : `${this.url}?after=${this.after}&face=${this.face}`
    const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(POLL_REQUEST_MS) })
    if (!response.ok) throw new Error(`${response.status}`)
    return response.json()
  }

  apply({ seq, faces, many, claims = "", newest_face: newest = this.face }) {
    this.after = seq
    if (newest > this.face && this.app.arrivals.ask(newest)) this.face = newest
    this.app.claims.heard(claims)
    if (this.app.model.results.applyOthers(faces)) this.app.refreshTimer.heard()
    return many ? 0 : POLL_MS
  }
}
