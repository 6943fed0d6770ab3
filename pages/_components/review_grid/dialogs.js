// What opens over the grid: the focus goes there, and back to where it was. Narrow windows show the facts this way.

class Dialogs {
  constructor(app) {
    this.app = app
    const find = (selector) => app.root.querySelector(selector)
    this.help = find(".help")
    this.facts = find(".inspector")
    this.over = find(".over")
    this.from = [] // where the focus was, for each that is open
    this.watcher = new MutationObserver(() => uncoverPage((text, isError) => app.announce(text, isError)))
    this.watcher.observe(document.body, { childList: true })
  }

  dispose() {
    this.watcher.disconnect()
  }

  enter(node) {
    this.from.push(this.app.root.getRootNode().activeElement)
    node.focus({ preventScroll: true })
  }

  leave() {
    const from = this.from.pop()
    const back = from?.isConnected && from.checkVisibility() ? from : this.app.grid.list
    back.focus({ preventScroll: true })
  }

  helpOpen() {
    return !this.help.hidden
  }

  toggleHelp() {
    if (this.helpOpen()) return this.closeHelp()
    this.help.hidden = false
    this.enter(this.help)
    return true
  }

  closeHelp() {
    this.help.hidden = true
    this.leave()
    return true
  }

  factsOpen() {
    return this.facts.classList.contains("open")
  }

  /** Where the window is wide they stand beside the grid all the time: the key leads there and back. */
  toggleFacts() {
    const open = this.facts.classList.toggle("open")
    this.facts.role = open ? "dialog" : null
    if (open) this.enter(this.facts)
    else this.leave()
    return true
  }

  /** Something over the grid was opened or closed. */
  moved(open, node) {
    if (open) this.enter(node)
    else this.leave()
  }
}
