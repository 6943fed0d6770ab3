import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const { ReviewKeys } = load(["_shared/keys.js", "review_grid/review_keys.js"], ["ReviewKeys"], { addEventListener() {} })

describe("ReviewKeys", () => {
  let calls, app, keys
  const run = (name, event = {}) => keys.run(name, { repeat: false, shiftKey: false, ...event })

  beforeEach(() => {
    calls = []
    const call = (name, result = true) => (...values) => {
      calls.push([name, ...values].join(" "))
      return result
    }
    app = {
      model: { active: [{ id: 7, key: "1", name: "smile" }], armed: null, focus: 5, items: Array(23).fill({}) },
      grid: { columns: 5, rowsVisible: () => 2 }, inspector: { mode: "", lighten: call("lighten"), resetView: call("resetView"), notes: { write: call("write") } },
      compare: { overlay: { isOpen: () => false }, toggle: call("compare") },
      guidelines: { overlay: { isOpen: () => false }, toggle: call("guidelines"), key: (spec) => call("guideline")(spec?.name) },
      hover: { cancel() {} }, pointer: { banding: false, finish: call("finish") },
      dialogs: {
        help: { isOpen: () => false, close: call("closeHelp"), toggle: call("help") },
        facts: { toggle: call("facts") }, large: { toggle: call("large") },
      },
      paging: { turn: call("turn"), like: call("like"), mine: call("mine") },
      label: (spec) => call("label")(spec.name), back: call("back", false),
    }
    for (const name of ["reject", "unsure", "undo", "redo", "restOfPage", "collect", "peek", "grow", "move", "setReason", "selectAll",
      "toggleAdvance", "decideAgain", "leaveDiffering"]) app[name] = call(name)
    keys = new ReviewKeys(app)
  })

  for (const [name, event, expected] of [
    ["1", {}, "label smile"], ["x", {}, "reject"], ["u", {}, "unsure"], ["Enter", {}, "restOfPage"], ["z", {}, "undo"],
    ["z", { shiftKey: true }, "redo"], [" ", {}, "peek true"], ["n", {}, "turn next"], ["p", {}, "turn prev"], ["s", {}, "like looks"],
    ["s", { shiftKey: true }, "like like"],
    ["c", {}, "compare"], ["g", {}, "guidelines"], ["f", {}, "large"], ["i", {}, "facts"], ["?", {}, "help"], ["y", {}, "decideAgain"], ["l", {}, "leaveDiffering"], ["e", {}, "write"], ["q", {}, "mine"],
    ["{", {}, "lighten 0 -1"], ["]", {}, "lighten 1 0"], ["-", {}, "grow -1"], ["a", { ctrlKey: true }, "selectAll"],
    ["z", { repeat: true }, "undo"], ["ArrowRight", { repeat: true }, "move 6 false"], ["ArrowLeft", { shiftKey: true }, "move 4 true"],
  ]) {
    it(`${JSON.stringify(event)} ${name}: ${expected}`, () => {
      assert.equal(run(name, event), true)
      assert.deepEqual(calls, [expected])
    })
  }

  it("while the guidelines are open a class's key turns to it, another closes them, arrows scroll, and nothing is decided", () => {
    app.guidelines.overlay.isOpen = () => true
    assert.deepEqual(["1", "x", "ArrowDown"].map((name) => run(name)), [true, true, false])
    assert.deepEqual(calls, ["guideline smile", "guideline "])
  })
  it("while faces are compared arrows scroll, any other key closes it, and nothing is decided", () => {
    app.compare.overlay.isOpen = () => true
    assert.deepEqual(["ArrowDown", "1", "x"].map((name) => run(name)), [false, true, true])
    assert.deepEqual(calls, ["compare", "compare"])
  })
  it("decides once while a key is held, and keeps it from others", () => {
    assert.deepEqual([run("1", { repeat: true }), run("x", { repeat: true }), calls], [true, true, []])
  })
  it("takes a reason only after a reject: then s is one, not an order", () => {
    app.model.armed = { step: "s", targets: [0] }
    run("s")
    assert.deepEqual(calls, ["setReason too_small"])
  })
  it("a class without a key is never meant", () => {
    app.model.active.push({ id: 8, key: "", name: "ten" })
    assert.deepEqual(["", "ö", "ж", "，", "Dead", "F5", "§"].map((name) => run(name, { key: name })), Array(7).fill(false))
    assert.deepEqual(calls, [])
  })
  it("a class's key is what is typed, before the digit of its place and before an action", () => {
    app.model.active.push({ id: 8, key: "Q", name: "capital" }, { id: 9, key: "&", name: "and" })
    run("q", { key: "q" })
    run("1", { key: "&" })
    run("1", { key: "é" })
    assert.deepEqual(calls, ["label capital", "label and", "label smile"])
  })
  it("leaves keys that mean nothing here", () => assert.deepEqual([run("v"), run("Shift"), run("Tab"), run("AltGraph"), calls], [false, false, false, false, []]))
  it("leaves Esc when there is nowhere to go back to", () => assert.equal(run("Escape"), false))
  it("closes the help and does nothing else; arrows scroll it", () => {
    app.dialogs.help.isOpen = () => true
    assert.deepEqual([run("x"), run("ArrowDown"), calls], [true, false, ["closeHelp"]])
  })
  it("means what a rubber band holds", () => {
    app.pointer.banding = true
    run("x")
    assert.deepEqual(calls, ["finish", "reject"])
  })

  // 23 cards in rows of five, two rows on the screen; the last row has three
  for (const [focus, name, to] of [
    [5, "ArrowDown", 10], [5, "ArrowUp", 0], [3, "ArrowUp", 3], [0, "ArrowLeft", 0], [22, "ArrowRight", 22], [18, "ArrowDown", 22],
    [19, "ArrowDown", 22], [21, "ArrowDown", 21], [5, "PageDown", 15], [5, "PageUp", 0], [20, "PageDown", 22], [9, "Home", 0], [9, "End", 22],
    [9, "x", null],
  ]) {
    it(`from card ${focus} ${name} leads to ${to}`, () => {
      app.model.focus = focus
      assert.equal(keys.destination(name), to)
    })
  }
  it("in focus mode a row is one card", () => {
    app.inspector.mode = "focus"
    assert.deepEqual([keys.destination("ArrowDown"), keys.destination("PageDown")], [6, 7])
  })
})
