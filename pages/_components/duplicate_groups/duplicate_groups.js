// The component: its parts joined, and the actions that keys and mouse call. A key press goes this way:
//   _shared/keys.js (its name) → input.js (its action) → here → model.js (decided, shown at once) → group_queue.js over
//   _shared/decision_queue.js (POST /api/duplicates) → results.js (the server's word) → rows.js, lightbox.js (drawn).
// Uses everything above it in __init__.py; Streamlit calls the default export on every change of `data`.

const TURN_MS = 15000

class App {
  constructor(root, data) {
    this.root = root
    const find = (selector) => root.querySelector(selector)
    this.live = find(".live")
    this.note = find(".note")
    this.status = find(".status")
    this.helpBox = find(".help")
    this.queue = groupQueueFor(data)
    this.refreshTimer = new RefreshTimer(this.queue, (name, value) => this.trigger(name, value))
    this.model = new GroupModel(this.queue, (which) => this.draw(which), (text, bad) => this.announce(text, bad))
    this.rows = new Rows(find(".groups"), this.model, data.base)
    this.lightbox = new Lightbox(find(".large"), this.model, data.base)
    this.keys = new GroupKeys(this)
    this.place = new AddressPlace(() => `moue:duplicates:${data.workspace}:${data.annotator}`, () => this.here())
    this.onQueue = () => this.showStatus()
    this.queue.listeners.add(this.onQueue)
    bindMouse(this)
    root.style.setProperty("--missing", JSON.stringify(t("picture missing")))
    fillKeyTable(this.helpBox, helpRows())
  }

  dispose() {
    this.keys.dispose()
    this.place.dispose()
    this.model.dispose()
    this.queue.listeners.delete(this.onQueue)
    this.lightbox.hide()
    clearTimeout(this.turnTimer)
    this.refreshTimer.dispose()
    this.queue.flush()
  }

  update(data, trigger) {
    this.trigger = trigger
    if (this.pageKey === data.page_key) return
    const first = this.pageKey === undefined
    // The server started again and sends what it would show to a newcomer: the page that is worked on stays.
    if (!first && !this.asked && this.model.data.view === data.view && this.model.groups.length) return
    this.pageKey = data.page_key
    clearTimeout(this.turnTimer)
    this.asked = false
    this.wanted = null
    this.lightbox.hide()
    this.model.load(data)
    const back = first && this.model.comeBack(this.place.last().get("at"))
    this.rows.build()
    this.draw()
    this.showStatus()
    if (!first) {
      this.announce(this.where())
      this.root.scrollIntoView({ block: "start" })
    }
    if (!document.activeElement?.closest?.("textarea, input:not([role=combobox])")) this.focusCard(!first || back)
    this.place.moved()
  }

  // ---- drawn in the same task as the key
  draw(which = null) {
    if (!this.pageKey || !this.rows.nodes) return
    this.rows.paint(which)
    if (this.lightbox.shown) this.lightbox.draw()
    this.place.moved()
    const { data } = this.model
    const open = this.model.groups.filter((_, at) => this.model.open(at)).length
    for (const bar of this.root.querySelectorAll(".pages")) {
      bar.querySelector(".where").textContent = this.where()
      bar.querySelector(".left").textContent = open ? t("{n} open on this page", { n: numbers.format(open) }) : t("page done")
      bar.querySelector("[data-act=prev]").disabled = !data.has_prev
      bar.querySelector("[data-act=next]").disabled = !data.has_next
    }
  }

  /** What the address says of where the person is. */
  here() {
    const { groups, group, member, data } = this.model
    return groups[group] && this.root.isConnected ? { from: data.first, at: groups[group].members[member].sha } : null
  }

  where() {
    const { position, total, groups } = this.model.data
    const [from, to, all] = [position + 1, position + groups.length, total].map((n) => numbers.format(n))
    return t("{from}–{to} of {all}", { from, to, all })
  }

  showStatus() {
    const { queue, status } = this
    const pending = queue.pending.length
    status.dataset.pending = pending
    status.dataset.state = pending ? (queue.problem ? "retrying" : "saving") : queue.saved ? "saved" : "idle"
    status.textContent = {
      retrying: t("{n} not saved yet, retrying", { n: numbers.format(pending) }), saving: t("saving {n}", { n: numbers.format(pending) }),
      saved: t("saved ✓ {n}", { n: numbers.format(queue.saved) }), idle: "",
    }[status.dataset.state]
    status.title = pending ? queue.problem : queue.saved ? t("steps of this visit on disk: {n}", { n: numbers.format(queue.saved) }) : ""
    if (this.wanted && !pending) this.leave()
    else this.refreshTimer.restart()
  }

  announce(text, bad = false) {
    this.note.textContent = text
    this.note.classList.toggle("bad", bad)
    this.live.textContent = text
  }

  focusCard(reveal = true) {
    const card = this.rows.cardOf(this.model.group, this.model.member)
    card?.focus({ preventScroll: true })
    if (!reveal || !card) return true
    card.closest(".group").scrollIntoView({ block: "nearest" })
    card.scrollIntoView({ block: "nearest" }) // a group may be higher than the window
    return true
  }

  // ---- actions of the keys; each returns true: the key was ours
  move(groups, members) {
    const { model } = this
    const to = Math.min(model.groups.length - 1, Math.max(0, model.group + groups))
    const last = model.groups[to].members.length - 1
    if (groups) model.focus(to)
    else model.focus(to, Math.min(last, Math.max(0, model.member + members)))
    return this.focusCard()
  }

  choose(member) {
    this.model.choose(this.model.group, member)
    return this.focusCard()
  }

  keep() {
    const { group, member } = this.model
    if (this.model.keep(group, member)) this.onward(group)
    return this.focusCard()
  }

  separate(all) {
    const { group, member } = this.model
    if (this.model.separate(group, all ? null : member)) this.afterSeparate(group)
    return this.focusCard()
  }

  afterSeparate(group) {
    if (!this.model.open(group)) this.onward(group)
    else if (this.model.away(group, this.model.groups[group].members[this.model.member])) {
      const { model } = this
      const next = model.groups[group].members.findIndex((member) => !model.away(group, member) && model.stands(member))
      model.focus(group, next)
    }
  }

  onward(group) {
    if (this.model.onward(group)) return
    const values = { told: this.note.textContent }
    this.announce(this.model.data.has_next ? t("{told}; page done: . turns to the next", values) : t("{told}; page done", values))
  }

  undo() {
    this.model.undo()
    return this.focusCard()
  }

  peek(on) {
    if (on) this.lightbox.show(true)
    else if (this.lightbox.held) this.lightbox.hide()
    return true
  }

  // ---- actions of the mouse: nothing scrolls
  pick(group, member) {
    this.model.choose(group, member)
    this.focusCard(false)
  }

  keepAt(group, member) {
    this.model.focus(group, member)
    this.model.keep(group, member)
    this.focusCard(false)
  }

  separateAt(group, member) {
    this.model.focus(group, member ?? this.model.groups[group].chosen)
    this.model.separate(group, member)
    this.focusCard(false)
  }

  label(group, conflict, classId) {
    const faces = this.model.groups[group].conflicts[conflict].filter((id) => {
      const { verdict, class_id: current } = this.model.faces.get(id)
      return verdict !== "reject" && current !== classId
    })
    this.model.focus(group)
    this.model.label(group, faces, this.model.classes.get(classId))
    this.focusCard(false)
  }

  toggleLightbox() {
    if (this.lightbox.shown) this.lightbox.hide()
    else this.lightbox.show(false)
  }

  helpOpen() {
    return this.helpBox.matches(":popover-open")
  }

  help(on) {
    if (on !== this.helpOpen()) this.helpBox[on ? "showPopover" : "hidePopover"]()
    return true
  }

  toggleHelp() {
    this.help(!this.helpOpen())
  }

  /** Esc: one step back; not ours when there is nowhere to go. */
  back() {
    if (this.helpOpen()) return this.help(false)
    if (!this.lightbox.shown) return false
    this.lightbox.hide()
    return true
  }

  // ---- page turn: only when everything is saved
  previous() {
    this.turn("prev")
  }

  following() {
    this.turn("next")
  }

  turn(to) {
    const { data } = this.model
    if (this.wanted) return true
    if (to === "next" ? !data.has_next : !data.has_prev) {
      this.announce(to === "next" ? t("this is the last page") : t("this is the first page"))
      return true
    }
    this.wanted = to
    this.model.pageTurning = true
    if (this.queue.pending.length) this.announce(t("the page turns when everything is saved"))
    this.showStatus()
    return true
  }

  leave() {
    const to = this.wanted
    const { first, last } = this.model.data
    this.wanted = null
    this.asked = true
    this.refreshTimer.markFresh()
    this.turnTimer = setTimeout(() => {
      this.model.pageTurning = this.asked = false
      this.announce(t("the next page did not come; try again"), true)
    }, TURN_MS)
    this.trigger("turn", { to, first, last })
  }
}

export default function duplicates({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".duplicates")
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  const queue = groupQueueFor(data)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
