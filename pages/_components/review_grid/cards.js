// The virtualised grid: only the visible rows and two more on either side exist; a card's geometry never changes.
// Draws what the model says (model.js) and decides nothing. Uses dom.js and announce.js.

const GAP = 8
const ROWS_BEYOND = 2
const SETTLE_MS = 60
const IMAGE_SIDES = [96, 128, 192, 256, 384, 512]
const SHORT_PX = 560 // a lower window scrolls as a whole
const CLOSE_UP_SIDE = 512 // the crop in focus mode

function cropUrl(base, item, side) {
  const wanted = side * (window.devicePixelRatio || 1)
  const step = IMAGE_SIDES.find((candidate) => candidate >= wanted) ?? IMAGE_SIDES.at(-1)
  return `${base}api/image/crop/${item.id}?v=${encodeURIComponent(item.v)}&s=${step}`
}

/** Black or white, whichever reads better on a `#rrggbb` background (relative luminance, WCAG 2). */
function inkOn(colour) {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
  const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff"
}

/** Attributes and texts that are written only when they change: the browser lays out again after each that is. */
function writeIfChanged(node, name, value) {
  node.written ??= {}
  if (node.written[name] === value) return
  node.written[name] = value
  if (name === "text") node.textContent = value
  else node.setAttribute(name, value)
}

class Grid {
  constructor(scroller, model, base) {
    this.scroller = scroller
    this.list = scroller.querySelector(".list")
    this.model = model
    this.base = base
    this.cards = new Map()
    this.wanted = this.side = 128
    this.columns = 1
    this.timer = 0
    this.top = this.height = this.rows = 0 // of the scroller, as last read: reading makes the browser lay out
    this.onScroll = () => this.scrolled()
    scroller.addEventListener("scroll", this.onScroll, { passive: true })
    this.observer = new ResizeObserver(() => this.layout())
    this.observer.observe(scroller)
  }

  dispose() {
    this.observer.disconnect()
    clearTimeout(this.timer)
    cancelAnimationFrame(this.frame)
    this.scroller.removeEventListener("scroll", this.onScroll)
  }

  /** Another page: nothing of the last one stays. */
  reset() {
    for (const card of this.cards.values()) card.remove()
    this.cards.clear()
    this.width = 0
    this.layout()
    this.scrollTo(0)
    this.reveal()
  }

  resize(side) {
    this.wanted = side
    this.width = 0
    this.layout()
    this.reveal()
  }

  layout() {
    const { clientWidth: width, clientHeight: height } = this.scroller
    if (!width || (width === this.width && this.height === height)) return
    this.width = width
    this.height = height
    this.columns = Math.max(1, Math.floor((width - GAP) / (this.wanted + GAP)))
    this.side = Math.floor((width - GAP) / this.columns) - GAP // at least what was asked for, and no empty edge
    this.rows = Math.ceil(this.model.items.length / this.columns)
    this.list.style.height = `${this.rows * (this.side + GAP) + GAP}px`
    this.scroller.dataset.columns = this.columns
    this.render(true)
  }

  rowsVisible() {
    return Math.max(1, Math.floor(this.height / (this.side + GAP)))
  }

  scrolled() {
    if (!this.frame) this.top = this.scroller.scrollTop
    this.render(false)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.render(true), SETTLE_MS)
  }

  /** The cards that a rectangle of the list touches; `near`: the one at `to`, the pointer; `far`: the one at `from`. */
  within(from, to) {
    const pitch = this.side + GAP
    const span = (one, other, count) => [
      Math.max(0, Math.floor((Math.min(one, other) - pitch) / pitch) + 1),
      Math.min(count, Math.ceil((Math.max(one, other) - GAP) / pitch)) - 1,
    ]
    const [left, right] = span(from.x, to.x, this.columns)
    const [top, bottom] = span(from.y, to.y, this.rows)
    const chosen = []
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const at = row * this.columns + column
        if (at < this.model.items.length) chosen.push(at)
      }
    }
    const corner = (back, up) => (up ? top : bottom) * this.columns + (back ? left : right)
    const nearest = (at) => (chosen.includes(at) ? at : chosen.at(-1))
    const [back, up] = [to.x < from.x, to.y < from.y]
    return { chosen, near: nearest(corner(back, up)), far: nearest(corner(!back, !up)) }
  }

  /** Make the cards that should exist; `images` says whether to ask for their pictures now. */
  render(images) {
    const pitch = this.side + GAP
    const top = Math.floor(this.top / pitch) - ROWS_BEYOND
    const bottom = Math.ceil((this.top + this.height) / pitch) + ROWS_BEYOND
    const from = Math.max(0, top * this.columns)
    const to = Math.min(this.model.items.length, bottom * this.columns)
    for (const [at, card] of this.cards) {
      if (at >= from && at < to) continue
      card.remove()
      this.cards.delete(at)
    }
    for (let at = from; at < to; at++) this.placeCard(at, images)
    this.markActive()
    if (images) this.look()
  }

  /** Tell the model which cards are on the screen now, by half or more. */
  look() {
    if (!this.height) return
    const row = (y) => (y - GAP - this.side / 2) / (this.side + GAP)
    const from = Math.max(0, Math.ceil(row(this.top))) * this.columns
    const to = (Math.floor(row(this.top + this.height)) + 1) * this.columns
    this.model.onScreen.note(this.columns * this.rowsVisible(), this.model.items.slice(from, to).map(({ id }) => id))
  }

  placeCard(at, image) {
    let card = this.cards.get(at)
    if (!card) {
      card = this.build(at)
      this.cards.set(at, card)
      this.list.append(card)
    }
    const pitch = this.side + GAP
    const x = GAP + (at % this.columns) * pitch
    const y = GAP + Math.floor(at / this.columns) * pitch
    const geometry = `width:${this.side}px;height:${this.side}px;transform:translate(${x}px,${y}px);`
    if (card.geometry !== geometry) {
      card.geometry = geometry
      this.paint(at)
    }
    const url = cropUrl(this.base, this.model.items[at], this.side)
    if (image && card.picture.getAttribute("src") !== url) card.picture.src = url
  }

  build(at) {
    const card = make("div", "card")
    card.id = `card-${at}`
    card.dataset.at = at
    card.dataset.id = this.model.items[at].id
    card.setAttribute("role", "option")
    card.setAttribute("aria-posinset", at + 1)
    card.setAttribute("aria-setsize", this.model.items.length)
    card.dataset.lost = t("picture missing")
    card.picture = make("img")
    card.picture.alt = ""
    card.picture.draggable = false
    card.picture.onload = () => card.classList.replace("lost", "loaded") || card.classList.add("loaded")
    card.picture.onerror = () => card.classList.add("lost")
    card.badge = make("span", "badge")
    card.refusal = make("span", "refusal")
    card.by = make("span", "by")
    card.hint = make("span", "hint")
    card.append(
      card.picture, make("span", "hatch"), make("span", "corner"), card.hint, make("span", "sure"), card.badge, card.by, card.refusal,
    )
    return card
  }

  paint(at) {
    const card = this.cards.get(at)
    if (!card) return
    const { model } = this
    const { id } = model.items[at]
    const state = model.state(at)
    const error = model.errors.get(id) ?? ""
    const holder = model.claimedBy(at)
    const by = model.overtaken.get(id)?.by ?? ""
    const selected = model.selected.has(at)
    this.paintDecision(card, state)
    this.paintSuggestion(card, at, state)
    card.classList.toggle("selected", selected)
    card.classList.toggle("noted", Boolean(model.items[at].noted))
    card.classList.toggle("focused", model.focus === at)
    card.classList.toggle("claimed", Boolean(holder))
    writeIfChanged(card, "aria-selected", String(selected || (!model.selected.size && model.focus === at)))
    writeIfChanged(card, "aria-label", this.name(at, state, by, error))
    writeIfChanged(card.refusal, "text", error)
    writeIfChanged(card.by, "text", by || holder)
    writeIfChanged(card, "title", error || this.whose(by, holder))
  }

  /** Who decided the face meanwhile, or has it before them. */
  whose(by, holder) {
    if (by) return t("decided meanwhile by {name}", { name: by })
    return holder ? t("{name} has this face now", { name: holder }) : ""
  }

  paintDecision(card, { verdict, class_id: classId, reason }) {
    const spec = verdict === "accept" ? this.model.classes.get(classId) : null
    writeIfChanged(card, "data-verdict", verdict ?? "")
    writeIfChanged(card, "data-class", spec?.name ?? "")
    writeIfChanged(card, "data-reason", reason ?? "")
    writeIfChanged(card, "style", this.style(card, spec))
    writeIfChanged(card.badge, "text", spec ? spec.letter : { reject: "✕", unsure: "?", accept: "·" }[verdict] ?? "")
  }

  style(card, spec) {
    const p = this.model.items[card.dataset.at].suggestion?.p
    const sure = p === undefined ? "" : `--p:${p};`
    return `${card.geometry}${sure}${spec ? `--class:${spec.colour};--ink:${inkOn(spec.colour)}` : ""}`
  }

  /** A letter and a thin bar, grey until a person decides; then the bar stays where they agree with it. */
  paintSuggestion(card, at, { verdict, class_id: classId }) {
    const { suggestion } = this.model.items[at]
    const open = Boolean(suggestion) && verdict === null
    const agreed = Boolean(suggestion) && verdict === "accept" && classId === suggestion.class_id
    card.classList.toggle("suggested", open)
    card.classList.toggle("agreed", agreed)
    card.classList.toggle("reaches", open && this.model.confirming.reaches(at))
    writeIfChanged(card.hint, "text", open ? this.model.classes.get(suggestion.class_id)?.letter ?? "" : "")
  }

  nameOf(at) {
    const { id } = this.model.items[at]
    return this.name(at, this.model.state(at), this.model.overtaken.get(id)?.by, this.model.errors.get(id))
  }

  /** What a screen reader calls the card. */
  name(at, state, by, error) {
    const { model } = this
    const parts = [t("face {n} of {all}", { n: count(at + 1), all: count(model.items.length) }), model.describe(state)]
    const { suggestion } = model.items[at]
    if (suggestion && state.verdict === null) parts.push(t("suggested: {what}", { what: suggestionText(suggestion, model.classes) }))
    const whose = this.whose(by, model.claimedBy(at))
    if (whose) parts.push(whose)
    else if (state.verdict && state.annotator !== model.data.annotator) parts.push(t("by {name}", { name: state.annotator }))
    if (model.items[at].noted) parts.push(t("has an open note"))
    if (error) parts.push(t("not taken: {why}", { why: error }))
    return parts.join(", ")
  }

  /** Repaint some cards, or all (null). */
  repaint(which) {
    for (const at of which ?? this.cards.keys()) this.paint(at)
    this.markActive()
  }

  markActive() {
    writeIfChanged(this.list, "aria-activedescendant", `card-${this.model.focus}`)
  }

  /** Scroll as little as it takes for the focused card to be whole on the screen. */
  reveal() {
    const pitch = this.side + GAP
    const row = Math.floor(this.model.focus / this.columns)
    const top = row * pitch
    const bottom = top + pitch + GAP
    if (top < this.top) this.scrollTo(top)
    else if (bottom > this.top + this.height) this.scrollTo(bottom - this.height)
    else return this.comeIntoView()
    this.render(true)
    return this.comeIntoView()
  }

  comeIntoView() {
    if (innerHeight < SHORT_PX) this.cards.get(this.model.focus)?.scrollIntoView({ block: "nearest" })
  }

  /** The cards there are made now; the browser scrolls, which makes it lay out, just before it draws. */
  scrollTo(top) {
    this.top = Math.max(0, Math.min(top, this.rows * (this.side + GAP) + GAP - this.height))
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.scroller.scrollTop = this.top
    })
  }
}
