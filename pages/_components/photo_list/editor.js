// The editor: a dialog with the whole photo. mode "draw": drag a box over a face; "move": drag the crop's square,
// its corners or the wheel resize it; "look": zoom and pan alone.

const WORDS = {
  draw: () => ({
    title: t("Draw a face"), confirm: t("Add this face"),
    hint: t("Drag a box over the face, from the hair to the chin. Arrows move it, Shift + arrows resize it, Alt: one pixel. Wheel zooms, Space + drag pans."),
  }),
  move: () => ({
    title: t("Move the crop"), confirm: t("Use this crop"),
    hint: t("Drag the square onto the mouth; wheel or corners resize it. Arrows move it, Shift + arrows resize it, Alt: one pixel. Ctrl + wheel zooms."),
  }),
  look: () => ({
    title: t("What the machine saw"), confirm: "",
    hint: t("Wheel zooms, dragging pans. Box: blue; crop: orange, dashed; mouth points: yellow."),
  }),
}
const ANSWER_MS = 60000
const KEY_ZOOM = { "+": 0.7, "=": 0.7, "-": 1 / 0.7 }
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

class Editor {
  constructor(dialog) {
    this.dialog = dialog
    this.stage = new Stage(dialog.querySelector(".stage"))
    this.message = dialog.querySelector(".message")
    this.hint = dialog.querySelector(".hint")
    this.confirmButton = dialog.querySelector("[data-do=confirm]")
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.cancel() })
    dialog.addEventListener("close", () => { this.job = null }) // Chromium closes on a second Esc, whatever we say
    dialog.addEventListener("keydown", (event) => this.key(event))
    dialog.addEventListener("keyup", (event) => {
      if (event.key === " ") this.space = false
      event.stopPropagation()
    })
    dialog.addEventListener("click", (event) => this.click(event))
    const { svg } = this.stage
    svg.addEventListener("pointerdown", (event) => this.down(event))
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    svg.addEventListener("contextmenu", (event) => event.preventDefault())
  }

  /** job: {mode, photo, file, shape, boxes, points, send(shape)}; `send` asks the server, `answered` ends it. */
  open(job) {
    this.job = job
    this.pending = false
    this.space = false
    this.photo = job.photo
    const words = WORDS[job.mode]()
    this.dialog.querySelector("h2").textContent = job.title ?? words.title
    this.dialog.querySelector(".file").textContent = job.file
    this.hint.textContent = job.hint ?? words.hint
    this.dialog.querySelector("[data-do=cancel] span").textContent = job.mode === "look" ? t("Close") : t("Cancel")
    this.confirmButton.hidden = job.mode === "look"
    this.confirmButton.querySelector("span").textContent = words.confirm
    this.dialog.showModal()
    this.stage.open(job.photo, job.mode)
    this.stage.context(job.boxes ?? [], job.points ?? [])
    this.announce("")
    this.setShape(job.shape ?? null)
    if (job.shape) this.stage.closeUp(job.shape)
    this.stage.svg.focus({ preventScroll: true })
  }

  cancel() {
    if (this.pending) return // it is being stored: closing would hide what came of it
    this.dialog.close()
    this.job?.closed?.()
    this.job = null
  }

  setShape(shape) {
    this.shape = shape
    this.stage.show(shape)
    const least = this.job.mode === "draw" ? LEAST_BOX : LEAST_CROP
    const small = shape && Math.min(Math.round(shape.w), Math.round(shape.h)) < least
    this.confirmButton.disabled = !shape || small || this.pending
    if (!this.pending && !this.drag) this.announce(small ? t("Too small: at least {n} × {n} pixels.", { n: least }) : "")
  }

  announce(text, busy = false) {
    this.message.textContent = text
    this.message.classList.toggle("busy", busy)
  }

  confirm() {
    if (this.confirmButton.disabled || this.confirmButton.hidden || this.pending) return
    this.pending = true
    this.setShape(this.shape)
    this.stage.host.classList.add("busy")
    this.announce(t("Placing landmarks and cutting the crop …"), true)
    this.timer = setTimeout(() => this.answered(false, t("The server has not answered. Try again.")), ANSWER_MS)
    this.job.send(this.shape)
  }

  /** The server said what came of it: done closes the editor, otherwise the reason stays and the box as well. */
  answered(ok, text) {
    clearTimeout(this.timer)
    this.pending = false
    this.stage.host.classList.remove("busy")
    if (!this.job) return
    if (ok) this.cancel()
    else {
      this.setShape(this.shape)
      this.announce(text)
    }
  }

  click(event) {
    const act = event.target.closest?.("[data-do]")?.dataset.do
    const todo = {
      cancel: () => this.cancel(), confirm: () => this.confirm(), in: () => this.stage.zoom(0.7),
      out: () => this.stage.zoom(1 / 0.7), fit: () => this.stage.fit(),
    }[act]
    if (todo) todo()
  }

  key(event) {
    event.stopPropagation() // Streamlit reruns on `r` and clears caches on `c`
    if (event.isComposing || !this.job) return
    const action = this.actionOf(event)
    if (!action) return
    action()
    event.preventDefault()
  }

  /** What a key does here; undefined where it is a button's or the browser's. */
  actionOf(event) {
    const { key } = event
    if (key === "Escape") return () => this.cancel()
    if (key === " " || key === "Enter") {
      if (event.target.closest?.("button")) return undefined
      return key === "Enter" ? () => this.confirm() : () => { this.space = true }
    }
    if (event.ctrlKey || event.metaKey) return undefined
    if (KEY_ZOOM[key]) return () => this.stage.zoom(KEY_ZOOM[key])
    if (keyName(event) === "0") return () => this.stage.fit()
    return ARROWS[key] && (() => this.arrow(ARROWS[key], event))
  }

  arrow([dx, dy], { shiftKey, altKey }) {
    if (this.job.mode === "look" || this.pending) return
    if (!this.shape) {
      this.setShape(firstBox(this.photo))
      return
    }
    const step = stepOf(this.shape, altKey)
    const change = shiftKey ? grown : moved
    // Up makes a crop larger and a box lower in height: the edge follows the arrow.
    const sign = shiftKey && this.job.mode === "move" ? -1 : 1
    this.setShape(change(this.job.mode, this.shape, dx * step, dy * step * sign, this.photo))
  }

  wheel(event) {
    event.preventDefault()
    if (!this.job) return
    const factor = Math.exp(clamp(event.deltaY, -200, 200) * 0.0015)
    if (this.job.mode !== "move" || event.ctrlKey || event.metaKey) {
      this.stage.zoom(factor, this.stage.at(event))
    } else if (!this.pending) {
      const by = this.shape.w * (1 / factor - 1)
      this.setShape(grown("move", this.shape, Math.sign(by) * Math.max(1, Math.abs(Math.round(by))), 0, this.photo))
    }
  }

  down(event) {
    if (!this.job) return
    const { mode } = this.job
    const panning = event.button === 1 || this.space || mode === "look"
    if (!panning && (event.button !== 0 || this.pending)) return
    event.preventDefault()
    const { svg } = this.stage
    svg.focus({ preventScroll: true })
    const from = this.stage.at(event)
    const start = this.shape
    const handle = event.target.dataset?.handle
    const within = event.target === this.stage.fill
    if (!panning && mode === "move" && !handle && !within) return
    const step = (event) => {
      if (panning) return this.stage.pan(from, event)
      const to = this.stage.at(event)
      if (handle) return this.setShape(pulled(mode, start, handle, to, this.photo))
      if (within) return this.setShape(moved(mode, start, to.x - from.x, to.y - from.y, this.photo))
      return this.setShape(insideBox({ x: from.x, y: from.y, w: to.x - from.x, h: to.y - from.y }, this.photo))
    }
    this.follow(event, step, start)
    this.stage.host.classList.toggle("panning", panning)
  }

  follow(event, step, start) {
    const { svg } = this.stage
    svg.setPointerCapture(event.pointerId)
    this.drag = true
    const end = () => {
      svg.removeEventListener("pointermove", step)
      svg.removeEventListener("pointerup", end)
      svg.removeEventListener("pointercancel", end)
      this.drag = false
      this.stage.host.classList.remove("panning")
      if (!this.job) return
      // a click without a drag draws nothing
      const slip = this.shape && this.shape !== start && Math.max(this.shape.w, this.shape.h) < 4 * this.stage.scale()
      this.setShape(slip ? start : this.shape)
    }
    svg.addEventListener("pointermove", step)
    svg.addEventListener("pointerup", end)
    svg.addEventListener("pointercancel", end)
  }
}
