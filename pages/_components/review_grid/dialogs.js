// What opens over the grid, each by overlay.js. Narrow windows show the facts this way, too.

class Dialogs {
  constructor(app) {
    this.app = app
    const find = (selector) => app.root.querySelector(selector)
    const { overlays } = app
    const facts = find(".inspector")
    this.help = new Overlay(overlays, find(".help"))
    // Where the window is wide they stand beside the grid all the time: the key leads there and back.
    this.facts = new Overlay(overlays, facts, {
      show: (on) => {
        facts.classList.toggle("open", on)
        facts.role = on ? "dialog" : null
      },
      covers: () => innerWidth <= 900,
    })
    this.large = new Overlay(overlays, find(".over"), { show: (on) => app.setMode(on ? "focus" : "") })
  }
}
