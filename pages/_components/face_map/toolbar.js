// The controls around the map: what it is coloured by, what dragging does, the legend. They call the app alone.

const MODES = ["move", "lasso", "box"]

class Toolbar {
  constructor(app) {
    this.app = app
    this.by = app.find(".by select")
    const names = {
      class: t("class"), state: t("state"), suggested: t("suggested class"), probability: t("probability"),
      source: t("source"), person: t("person"),
    }
    for (const [value, name] of Object.entries(names)) {
      const option = make("option", "", name)
      option.value = value
      this.by.append(option)
    }
    this.by.addEventListener("change", () => app.colourBy(this.by.value))
    const modes = { move: t("Move"), lasso: t("Lasso"), box: t("Box") }
    this.modes = MODES.map((mode) => this.button(modes[mode], `mode:${mode}`))
    app.find(".modes").append(...this.modes)
    const zooms = [["+", "zoom:in", t("Zoom in")], ["−", "zoom:out", t("Zoom out")], [t("All"), "zoom:all", t("Show all")]]
    app.find(".zooms").append(...zooms.map(([text, act, title]) => this.button(text, act, title)))
    app.find(".keys").append(
      t("Drag or arrows move, wheel or + and − zoom, 0 shows all."), " ",
      t("L lasso, B box (arrows move it, Shift and arrows resize it), V move; Shift adds."), " ",
      t("Enter takes the box, then opens the faces in Review; Escape clears."))
    app.root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act
      if (act) app.act(act)
    })
  }

  button(text, act, title) {
    const node = make("button", "", text)
    node.dataset.act = act
    if (title) node.setAttribute("aria-label", title)
    return node
  }

  /** The groups with their numbers, as buttons that hide and show them. */
  legend(groups, hidden) {
    const nodes = groups.map((group, at) => {
      const node = this.button("", `group:${at}`)
      node.setAttribute("aria-pressed", String(!hidden[at]))
      const name = make("span", "name", group.name)
      node.title = group.name
      node.append(shapePicture(shapeOf(groups, at), group.colour), make("b", "", group.letter), name,
        make("span", "n", numbers.format(group.count)))
      node.hidden = !group.count
      return node
    })
    this.app.find(".legend").replaceChildren(...nodes)
  }

  update({ mode, chosen, locked, busy }) {
    for (const node of this.modes) node.setAttribute("aria-pressed", String(node.dataset.act === `mode:${mode}`))
    this.app.find(".above").dataset.mode = mode
    this.app.find(".count").textContent = chosen ? t("{n} selected", { n: numbers.format(chosen) }) : ""
    this.app.find(".clear").disabled = !chosen
    const open = this.app.find(".open")
    open.disabled = !chosen || Boolean(locked) || busy
    open.title = locked
  }
}
