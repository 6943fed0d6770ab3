// Where somebody is in a list that is shown page by page: kept in the address, for a reload and the browser's Back,
// and in the browser's memory, for who comes back from another page. Uses remembered.js; the server reads it by
// _ui/addresses/whereabouts.py.
//
// A reload asks for the address that stood when it was asked for: what pagehide or beforeunload write comes too late,
// in Chromium and in Firefox. So the address is written with each step. Browsers refuse the 101st or 201st change in
// ten seconds: a held key has soon spent its steps, and then writes once in PLACE_MS.

const PLACE_MS = 300
const STEPS_AT_ONCE = 20 // with 10 s / PLACE_MS more it stays far from what a browser refuses

class AddressPlace {
  /**
   * key(): what names this list in the browser's memory. said(): what is so now, as {from, at, …}, "" for what is not;
   * null while nothing is shown. written(search): told at rest, or when the person leaves, of the address.
   */
  constructor(key, said, written = () => {}) {
    Object.assign(this, { key, said, written })
    this.page = location.pathname
    this.steps = STEPS_AT_ONCE
    this.onHide = () => this.write()
    addEventListener("pagehide", this.onHide)
  }

  /** The component goes: its page may be another one already, and what it showed gone. */
  dispose() {
    clearTimeout(this.timer)
    this.keep()
    removeEventListener("pagehide", this.onHide)
  }

  /** What was so when the person was here last. */
  last() {
    const address = new URLSearchParams(location.search)
    return address.has("at") ? address : new URLSearchParams(remembered(this.key()) ?? "")
  }

  /** The person went on. */
  moved() {
    if (this.steps > 0) this.writeAddress()
    this.timer ??= setTimeout(() => this.rested(), PLACE_MS)
  }

  /** A time has gone by: what is still to be written is written, and steps may follow at once again. */
  rested() {
    this.timer = undefined
    this.writeAddress()
    this.keep()
    this.steps = Math.min(STEPS_AT_ONCE, this.steps + 1)
    if (this.steps < STEPS_AT_ONCE) this.timer = setTimeout(() => this.rested(), PLACE_MS)
  }

  write() {
    this.writeAddress()
    this.keep()
  }

  writeAddress() {
    const said = this.said()
    if (!said || location.pathname !== this.page) return // another page's address is no business of ours
    const url = new URL(location.href)
    for (const [name, value] of Object.entries(said)) {
      if (value) url.searchParams.set(name, value)
      else url.searchParams.delete(name)
    }
    if (url.search === location.search) return
    history.replaceState(history.state, "", url)
    this.steps -= 1
    this.unkept = { key: this.key(), said: new URLSearchParams(said).toString(), search: url.search }
  }

  /** What the address says is remembered: storage and cookies cost more than the address, and wait. */
  keep() {
    if (!this.unkept) return
    const { key, said, search } = this.unkept
    this.unkept = null
    remember(key, said)
    this.written(search)
  }
}
