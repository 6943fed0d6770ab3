import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const { Gestures } = load(["_shared/keys.js", "face_map/gestures.js"], ["Gestures"])

describe("Gestures: keys", () => {
  let acts, handlers
  beforeEach(() => {
    acts = []
    handlers = {}
    const canvas = { width: 100, height: 100, addEventListener: (name, handler) => { handlers[name] = handler } }
    new Gestures({ act: (what) => acts.push(what), pan: (x, y) => acts.push(`pan ${x} ${y}`) }, canvas)
  })
  function press(key, code, more = {}) {
    let ours = false
    handlers.keydown({ key, code, preventDefault: () => { ours = true }, stopPropagation() {}, ...more })
    return ours
  }

  const MEANT = [
    ["l", "KeyL", "mode:lasso"], ["L", "KeyL", "mode:lasso"], ["д", "KeyL", "mode:lasso"], ["м", "KeyV", "mode:move"],
    ["Process", "KeyV", "mode:move"], ["à", "Digit0", "zoom:all"], ["0", "Numpad0", "zoom:all"], ["+", "Digit1", "zoom:in"],
    ["+", "NumpadAdd", "zoom:in"], ["-", "Digit6", "zoom:out"], ["Enter", "NumpadEnter", "open"], ["ArrowLeft", "ArrowLeft", "pan 10 0"],
  ]
  for (const [key, code, act] of MEANT) it(`${key} (${code}) is ${act}`, () => {
    assert.equal(press(key, code), true)
    assert.deepEqual(acts, [act])
  })
  for (const [key, code, more] of [["Dead", "KeyL"], ["ł", "KeyL", { getModifierState: () => true }], ["l", "KeyL", { ctrlKey: true }],
    ["l", "KeyL", { isComposing: true }], [undefined, ""], ["ö", "Semicolon"]]) it(`${key} (${code}) is left to others`, () => {
    assert.equal(press(key, code, more), false)
    assert.deepEqual(acts, [])
  })
})
