// Keys and mouse: which action of the app (duplicate_groups.js) each one is. Which keys are left to others (typing,
// dialogs, an input method) is as in Review: _shared/keys.js.

const helpRows = () => [
  ["↑ ↓", t("the group before, the next group")],
  ["← →", t("the photos of a group")],
  ["k  Enter", t("keep the photo in focus (at first the keeper) and reject the faces of the others as duplicate")],
  [t("1 2 3 …, click"), t("make that photo the keeper")],
  ["n", t("the photo in focus is not the same as the others; once more: it is the same after all")],
  ["Shift + n", t("none of the photos of this group are the same")],
  ["z", t("undo your last step, as often as you like")],
  [t("Space (hold)"), t("the photos large, side by side")],
  ["Home End", t("first group, last group")],
  [",  .", t("previous page, next page")],
  ["?", t("these keys")],
  ["Esc", t("close what is open")],
]

const MOVES = { // [groups, photos] from the one in focus
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [-1e9, 0], End: [1e9, 0],
}

class GroupKeys extends Keys {
  /** Returns whether the key is one of ours. */
  run(name, event) {
    const { app } = this
    if (event.ctrlKey || event.metaKey) return false
    if (app.helpOpen() && name !== "?" && name !== "Escape") return app.help(false)
    if (/^[1-9]$/.test(name)) return app.choose(Number(name) - 1)
    if (MOVES[name]) return app.move(...MOVES[name])
    const action = {
      k: () => app.keep(), Enter: () => app.keep(), n: () => app.separate(event.shiftKey), z: () => app.undo(),
      " ": () => app.peek(true), ",": () => app.turn("prev"), ".": () => app.turn("next"),
      "?": () => app.help(!app.helpOpen()), Escape: () => app.back(),
    }[name]
    if (!action) return false
    if (event.repeat && name !== "z") return true // a held key decides once; undo may run
    return action() !== false
  }
}

/** Clicks on buttons and photos; they take no focus from the photo that the next key is about. */
function bindMouse(app) {
  const { root } = app
  const positionOf = (target) => {
    const group = Number(target.closest(".group").dataset.at)
    const card = target.closest(".card")
    return [group, card ? Number(card.dataset.member) : app.model.groups[group].chosen]
  }
  root.addEventListener("mousedown", (event) => {
    if (event.target.closest("button, .picture, .faces")) event.preventDefault()
  })
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-act]")
    if (!pressed) {
      if (event.target.closest(".picture, .faces")) app.pick(...positionOf(event.target))
      return
    }
    const { act } = pressed.dataset
    if (act === "keep") app.keepAt(...positionOf(pressed))
    else if (act === "apart") app.separateAt(...positionOf(pressed))
    else if (act === "none") app.separateAt(positionOf(pressed)[0], null)
    else if (act === "label") app.label(positionOf(pressed)[0], Number(pressed.dataset.conflict), Number(pressed.dataset.class))
    else app[{ undo: "undo", large: "toggleLightbox", help: "toggleHelp", prev: "previous", next: "following" }[act]]()
  })
}
