import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

class Element {
  constructor(...roles) { this.roles = roles }
  closest(selector) { return this.roles.some((role) => selector.includes(role)) ? this : null }
}

const handlers = {}
const addEventListener = (name, handler) => { handlers[name] = handler }
const removeEventListener = (name) => { delete handlers[name] }
const { Keys, keyName, belongsElsewhere } = load(["_shared/keys.js"], ["Keys", "keyName", "belongsElsewhere"],
  { Element, addEventListener, removeEventListener })

function press(key, options = {}) {
  const target = options.target ?? new Element()
  const event = { key, code: "", shiftKey: false, composedPath: () => [target], done: [], ...options }
  event.preventDefault = () => event.done.push("prevented")
  event.stopImmediatePropagation = () => event.done.push("stopped")
  return event
}

describe("keyName", () => {
  const NAMES = [
    ["a letter", { key: "x", code: "KeyX" }, "x"],
    ["a capital is the letter", { key: "X", code: "KeyX", shiftKey: true }, "x"],
    ["a named key", { key: "ArrowLeft", code: "ArrowLeft" }, "ArrowLeft"],
    ["a digit of a layout that has it", { key: "1", code: "Digit1" }, "1"],
    ["a digit of a French board: é, and & which is ASCII", { key: "é", code: "Digit2" }, "2"],
    ["the same, ASCII", { key: "&", code: "Digit1" }, "1"],
    ["a shifted digit is what it prints", { key: "!", code: "Digit1", shiftKey: true }, "!"],
    ["a letter of another alphabet, by its place", { key: "ч", code: "KeyX" }, "x"],
    ["an input method hides the letter", { key: "Process", code: "KeyU" }, "u"],
    ["a dead key that is neither letter nor digit", { key: "Dead", code: "BracketLeft" }, ""],
    ["a moved letter counts as what it prints", { key: "q", code: "KeyA" }, "q"],
    ["a bracket on a digit key", { key: "[", code: "Digit5" }, "["],
    ["the number pad", { key: "7", code: "Numpad7" }, "7"],
    ["space", { key: " ", code: "Space" }, " "],
  ]
  for (const [what, event, name] of NAMES) it(what, () => assert.equal(keyName({ shiftKey: false, ...event }), name))
})

describe("belongsElsewhere", () => {
  it("typing", () => assert.equal(belongsElsewhere(press("x", { target: new Element("textarea") }), "x"), true))
  it("a foreign dialog", () => assert.equal(belongsElsewhere(press("x", { target: new Element("[role=dialog]") }), "x"), true))
  it("Enter and space on a button, other keys not", () => {
    const target = new Element("button")
    assert.deepEqual(["Enter", " ", "x"].map((name) => belongsElsewhere(press(name, { target }), name)), [true, true, false])
  })
  it("arrows on a slider", () => {
    const target = new Element("input[type=range]")
    assert.deepEqual(["ArrowLeft", "End", "x"].map((name) => belongsElsewhere(press(name, { target }), name)), [true, true, false])
  })
  it("with Ctrl all but Ctrl + A", () => {
    const of = (name, more) => belongsElsewhere(press(name, { ctrlKey: true, ...more }), name)
    assert.deepEqual([of("c"), of("a"), of("a", { shiftKey: true })], [true, false, true])
  })
  it("the page itself: ours", () => assert.equal(belongsElsewhere(press("x"), "x"), false))
})

describe("Keys", () => {
  let keys, calls
  beforeEach(() => {
    calls = []
    keys = new (class extends Keys {
      run(name) {
        calls.push(name)
        return name === "x"
      }
    })({ peek: (on) => calls.push(`peek ${on}`) })
  })

  it("keeps what was ours from everybody else, and its keyup too", () => {
    const [down, up] = [press("x", { code: "KeyX" }), press("x", { code: "KeyX" })]
    handlers.keydown(down)
    handlers.keyup(up)
    assert.deepEqual([down.done, up.done, calls], [["prevented", "stopped"], ["prevented", "stopped"], ["x"]])
  })
  it("leaves what was not ours", () => {
    const [down, up] = [press("q", { code: "KeyQ" }), press("q", { code: "KeyQ" })]
    handlers.keydown(down)
    handlers.keyup(up)
    assert.deepEqual([down.done, up.done], [[], []])
  })
  it("leaves Alt and what an input method composes", () => {
    handlers.keydown(press("x", { altKey: true }))
    handlers.keydown(press("x", { isComposing: true }))
    assert.deepEqual(calls, [])
  })
  it("ends the peek when space goes up, or when the window loses the focus", () => {
    handlers.keyup(press(" ", { code: "Space" }))
    handlers.blur()
    assert.deepEqual(calls, ["peek false", "peek false"])
  })
  it("hears nothing after dispose", () => {
    keys.dispose()
    assert.deepEqual(handlers, {})
  })
})
