// A batch that this person has claimed, which a page that is seen renews; and what others have before them, which is
// dimmed. POST /api/claims/…: what the server says goes into the model (model.js); polling.js tells of changes.

const RENEW_MS = 60000 // a batch lasts ten of these
const CLAIMS_REQUEST_MS = 10000

class Claims {
  constructor(app, base) {
    this.app = app
    this.url = `${base}api/claims/`
    this.batch = null // the id of one's own
    this.known = null // the server's text for everybody's claims when it was last asked about this page
    this.onSeen = () => this.seen()
    this.onLeave = () => this.leave()
    document.addEventListener("visibilitychange", this.onSeen)
    addEventListener("pagehide", this.onLeave)
  }

  dispose() {
    this.leave()
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.onSeen)
    removeEventListener("pagehide", this.onLeave)
  }

  /** Another page is shown. */
  begin(data) {
    this.known = null
    const batch = data.batch ?? null
    if (this.batch && !batch) this.leave()
    this.batch = batch
    if (data.told) this.app.announce(data.told)
    this.renew()
  }

  seen() {
    clearTimeout(this.timer)
    if (!document.hidden) this.renew()
  }

  async renew() {
    clearTimeout(this.timer)
    const { batch } = this
    if (!batch || document.hidden) return
    this.timer = setTimeout(() => this.renew(), RENEW_MS)
    const answer = await this.ask("renew", { batch })
    if (!answer || answer.alive || this.batch !== batch) return
    this.batch = null
    this.app.announce(t("your batch went back to the others: nobody was here for a while; q takes the next faces"), true)
  }

  /** The page goes away: whoever comes back within a minute finds the batch again. */
  leave() {
    const { batch } = this
    this.batch = null
    if (batch) void this.ask("renew", { batch, left: true }, true)
  }

  // ---- what others have before them
  /** The server's text for all claims: where it is another one, these faces are asked about. */
  async heard(text) {
    if (text === this.known) return
    this.known = text
    const faces = this.app.model.items.map((item) => item.id)
    const answer = text ? await this.ask("others", { faces }) : { claimed: {} }
    if (!answer) this.known = null
    else if (this.known === text) this.app.model.setClaimed(answer.claimed)
  }

  /** The answer, null where there was none. */
  async ask(what, body, keepalive = false) {
    try {
      const response = await fetch(this.url + what, {
        method: "POST", credentials: "same-origin", keepalive, headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body), signal: keepalive ? undefined : AbortSignal.timeout(CLAIMS_REQUEST_MS),
      })
      return response.ok ? await response.json() : null
    } catch (error) {
      console.debug("Moue: claims are not known now", error)
      return null
    }
  }
}
