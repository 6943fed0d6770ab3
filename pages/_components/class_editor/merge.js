// Two classes made one: which class's faces, and which they become. Neither target nor press comes by itself.

class Merge {
  constructor(section, send) {
    this.section = section
    this.find = (selector) => section.querySelector(selector)
    this.find(".from").onchange = () => this.draw()
    this.find(".into").onchange = () => this.draw()
    this.find(".do-merge").onclick = () => this.merge(send)
  }

  /** The next target is chosen anew: the button stands where it stood, and a second press would merge another class. */
  merge(send) {
    const from = this.rows.find((one) => String(one.id) === this.find(".from").value)
    send("merge", from.id, Number(this.find(".into").value), { faces: from.n })
    this.find(".into").value = ""
    this.draw()
  }

  update(rows, lock) {
    this.rows = rows
    this.lock = lock
    const filled = rows.filter((one) => one.accepted !== "0")
    this.section.hidden = rows.length < 2 || !filled.length
    if (!this.section.hidden) {
      this.offer(this.find(".from"), filled)
      this.draw()
    }
  }

  /** The choice holds where what was chosen is still there. */
  offer(select, rows, first) {
    const before = select.value
    const options = rows.map((one) => new Option(one.name, one.id))
    if (first !== undefined) options.unshift(new Option(first, ""))
    select.replaceChildren(...options)
    if (options.some((one) => one.value === before)) select.value = before
  }

  draw() {
    const from = this.rows.find((one) => String(one.id) === this.find(".from").value)
    this.offer(this.find(".into"), this.rows.filter((one) => one !== from), t("choose a class"))
    const into = this.rows.find((one) => String(one.id) === this.find(".into").value)
    const button = this.find(".do-merge")
    button.textContent = into ? t("Label {faces} {name}", { faces: from.faces, name: into.quoted }) : t("Merge")
    button.disabled = Boolean(this.lock) || !into
    button.title = this.lock
    const see = this.find(".see")
    see.textContent = t("See these {faces}", { faces: from.faces })
    see.href = from.see
  }
}
