// The pages' names at the header's left. Those that have no room lie in a menu; on a phone all of them do.

const FEW = 3 // fewer names than this beside a menu say less than the menu alone

class PageLinks {
  constructor(host) {
    this.host = host
    this.row = host.querySelector("ul")
    this.more = host.querySelector(".more")
    this.menu = this.more.querySelector("ul")
    this.close = dropDown(this.more)
    this.watch = new ResizeObserver(() => this.fit())
    this.watch.observe(host)
    host.addEventListener("click", (event) => this.pressed(event))
  }

  dispose() {
    this.close()
    this.watch.disconnect()
  }

  /** pages: [{ path, title, chosen }]. go: (path) => void, to another page without loading this one anew. */
  update(base, pages, go) {
    this.go = go
    this.pages = pages
    if (this.row.children.length !== pages.length) this.row.replaceChildren(...pages.map(() => this.item()))
    pages.forEach((page, at) => this.name(this.row.children[at].firstChild, base, page))
    this.fit()
  }

  item() {
    const item = make("li")
    item.append(make("a"))
    return item
  }

  name(link, base, { path, title, chosen }) {
    link.href = base + path
    link.dataset.path = path
    link.dataset.title = title
    if (link.textContent !== title) link.textContent = title
    if (chosen) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
  }

  /** What fits stands in the row, the rest in the menu. In one task, so that no other state is ever painted. */
  fit() {
    const items = [...this.row.children], room = this.host.clientWidth
    for (const item of items) item.hidden = false
    this.more.hidden = true
    const widths = items.map((item) => item.getBoundingClientRect().width)
    const all = widths.reduce((sum, width) => sum + width, 0)
    if (all <= room) return
    this.more.hidden = false
    this.label(t("More"))
    let left = all, shown = items.length
    const beside = room - this.more.offsetWidth
    while (shown && (left > beside || shown < FEW)) left -= widths[--shown]
    items.forEach((item, at) => { item.hidden = at >= shown })
    if (!shown) this.label(this.pages.find((page) => page.chosen)?.title ?? t("Pages"))
    this.more.classList.toggle("alone", !shown)
    this.fill(items.slice(shown))
  }

  /** Copies of the names that have no room. Whoever is at one of them by keyboard stays there. */
  fill(items) {
    const focused = this.menu.getRootNode().activeElement
    const kept = this.menu.contains(focused) ? focused.dataset.path : undefined
    const links = items.map((item) => {
      const copy = item.cloneNode(true)
      copy.hidden = false
      return copy
    })
    this.menu.replaceChildren(...links)
    links.map((item) => item.firstChild).find((link) => link.dataset.path === kept)?.focus()
  }

  label(text) {
    this.more.querySelector(".name").textContent = text
  }

  /** A press with a modifier opens a tab or a window, as with any link. */
  pressed(event) {
    const link = event.target.closest("a")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (event.detail) link.blur() // after a press of the mouse, keys are the page's again
    for (const one of this.host.querySelectorAll("a")) {
      if (one.dataset.path === link.dataset.path) one.setAttribute("aria-current", "page")
      else one.removeAttribute("aria-current")
    }
    this.go(link.dataset.path)
  }
}

const rows = new WeakMap() // host -> its links

function pageLinks(host, { base, pages }, go) {
  host.hidden = !pages.length
  if (!rows.has(host)) rows.set(host, new PageLinks(host))
  const links = rows.get(host)
  links.update(base, pages, go)
  return () => {
    links.dispose()
    rows.delete(host)
  }
}
