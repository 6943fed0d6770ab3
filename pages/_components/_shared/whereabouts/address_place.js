// Where somebody is in a list that is shown page by page: kept in the address, for a reload and the browser's Back,
// and in the browser's memory, for who comes back from another page. Uses remembered.js; the server reads it by
// _ui/addresses/whereabouts.py.

const PLACE_MS = 300 // a run of keys writes once

class AddressPlace {
  /**
   * key(): what names this list in the browser's memory. said(): what is so now, as {from, at, …}, "" for what is not;
   * null while nothing is shown. written(search): the address has just been changed.
   */
  constructor(key, said, written = () => {}) {
    Object.assign(this, { key, said, written })
    this.page = location.pathname
    this.onHide = () => this.write()
    addEventListener("pagehide", this.onHide)
  }

  dispose() {
    clearTimeout(this.timer)
    removeEventListener("pagehide", this.onHide)
  }

  /** What was so when the person was here last. */
  last() {
    const address = new URLSearchParams(location.search)
    return address.has("at") ? address : new URLSearchParams(remembered(this.key()) ?? "")
  }

  /** The person went on. */
  moved() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.write(), PLACE_MS)
  }

  write() {
    clearTimeout(this.timer)
    const said = this.said()
    if (!said || location.pathname !== this.page) return // another page's address is no business of ours
    const url = new URL(location.href)
    for (const [name, value] of Object.entries(said)) {
      if (value) url.searchParams.set(name, value)
      else url.searchParams.delete(name)
    }
    if (url.search === location.search) return
    history.replaceState(history.state, "", url)
    remember(this.key(), new URLSearchParams(said).toString())
    this.written(url.search)
  }
}
