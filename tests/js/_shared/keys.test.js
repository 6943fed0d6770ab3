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
    ["the same of a Czech board: +, and French 6 and 8", { key: "+", code: "Digit1" }, "1"],
    ["", { key: "-", code: "Digit6" }, "6"], ["", { key: "_", code: "Digit8" }, "8"],
    ["an Arabic digit", { key: "٣", code: "Digit3" }, "3"], ["", { key: "٣", code: "Numpad3" }, "3"],
    ["a French digit with Shift", { key: "2", code: "Digit2", shiftKey: true }, "2"],
    ["a shifted sign of the digit row that is not ASCII: German §, British £, Russian №", { key: "§", code: "Digit3", shiftKey: true }, "§"],
    ["a shifted digit is what it prints", { key: "!", code: "Digit1", shiftKey: true }, "!"],
    ["a letter of another alphabet, by its place", { key: "ч", code: "KeyX" }, "x"],
    ["an input method hides the letter", { key: "Process", code: "KeyU" }, "u"],
    ["an input method's own comma", { key: "Process", code: "Comma" }, ""], ["", { key: "，", code: "Comma" }, "，"],
    ["an input method and Shift on a digit", { key: "Process", code: "Digit3", shiftKey: true }, ""],
    ["a dead key, wherever it is", { key: "Dead", code: "BracketLeft" }, ""], ["", { key: "Dead", code: "KeyY" }, ""],
    ["a letter with an accent is that letter, not the one of its place", { key: "ö", code: "Semicolon" }, "ö"],
    ["", { key: "é", code: "KeyW" }, "é"], ["", { key: "ı", code: "KeyI" }, "ı"],
    ["a letter of another alphabet where no letter is printed", { key: "ж", code: "Semicolon" }, "ж"],
    ["a small 2 beside the 1", { key: "²", code: "Backquote" }, "²"],
    ["a letter made with AltGr", { key: "ą", code: "KeyA", altGr: true }, ""], ["", { key: "x", code: "KeyX", altGr: true }, ""],
    ["a sign made with AltGr is that sign", { key: "[", code: "Digit8", altGr: true }, "["], ["", { key: "#", code: "Digit3", altGr: true }, "#"],
    ["what fills in a form has no key", { key: undefined, code: "" }, ""],
    ["a moved letter counts as what it prints", { key: "q", code: "KeyA" }, "q"],
    ["a letter on a digit key", { key: "p", code: "Digit5" }, "p"],
    ["the number pad", { key: "7", code: "Numpad7" }, "7"],
    ["space", { key: " ", code: "Space" }, " "],
    ["two letters on one Arabic key", { key: "لا", code: "KeyB" }, "b"], ["", { key: "لآ", code: "KeyB", shiftKey: true }, "b"],
    ["a letter of two units: Adlam", { key: "𞤢", code: "KeyA" }, "a"],
    ["a vowel sign of Hindi, of Thai", { key: "ा", code: "KeyE" }, "e"], ["", { key: "ั", code: "KeyY" }, "y"],
    ["an accent of a layout without dead keys", { key: "\u0301", code: "KeyF" }, "\u0301"],
    ["full-width letters and digits of an input method", { key: "ｘ", code: "KeyX" }, "x"], ["", { key: "Ｘ", code: "" }, "x"],
    ["", { key: "２", code: "" }, "2"], ["its signs are none of ours", { key: "！", code: "Digit1", shiftKey: true }, "！"],
    ["a key that a screen keyboard does not name", { key: "Unidentified", code: "" }, ""],
    ["a function key", { key: "F5", code: "F5" }, "F5"],
    ["Caps Lock on a French board writes the digit", { key: "1", code: "Digit1" }, "1"],
    ["the number pad without Num Lock moves", { key: "End", code: "Numpad1" }, "End"],
    ["the number pad's signs", { key: "+", code: "NumpadAdd" }, "+"],
  ]
  for (const [what, event, name] of NAMES) it(`${what || "the same"} (${event.key})`, () => {
    assert.equal(keyName({ shiftKey: false, getModifierState: (which) => which === "AltGraph" && Boolean(event.altGr), ...event }), name)
  })
})

describe("belongsElsewhere", () => {
  it("typing", () => assert.equal(belongsElsewhere(press("x", { target: new Element("textarea") }), "x"), true))
  it("a foreign dialog", () => assert.equal(belongsElsewhere(press("x", { target: new Element("[role=dialog]") }), "x"), true))
  it("Enter and space on a button, other keys not", () => {
    const target = new Element("button")
    assert.deepEqual(["Enter", " ", "x"].map((name) => belongsElsewhere(press(name, { target }), name)), [true, true, false])
  })
  for (const one of ["input[type=range]", ".scrolls"]) it(`arrows on ${one}`, () => {
    const target = new Element(one)
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
  it("leaves a key that has no name here", () => {
    handlers.keydown(press("Dead", { code: "Backquote" }))
    assert.deepEqual(calls, [])
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
