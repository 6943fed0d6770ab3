import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const { Overlay, Overlays } = load(["review_grid/overlay.js"], ["Overlay", "Overlays"])

/** A document in which one element has the focus, and elements that can take it. */
function place() {
  const root = { activeElement: null }
  const element = (within = []) => {
    const one = new EventTarget()
    return Object.assign(one, {
      hidden: true, isConnected: true,
      style: { setProperty: (name, value) => { one[name] = value } },
      checkVisibility: () => true, getRootNode: () => root,
      focus() { root.activeElement = one }, querySelectorAll: () => within,
      contains: (other) => other === one || within.includes(other),
    })
  }
  return { root, element }
}

describe("Overlay", () => {
  let root, element, home, card, overlays, buttons, box, overlay
  const tab = (shiftKey = false) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key: "Tab", shiftKey })
    box.dispatchEvent(event)
    return event.defaultPrevented
  }

  beforeEach(() => {
    ;({ root, element } = place())
    home = element()
    card = element()
    overlays = new Overlays(() => home)
    buttons = [element(), element(), element()]
    box = element(buttons)
    overlay = new Overlay(overlays, box)
    card.focus()
  })

  it("takes the focus and gives it back", () => {
    overlay.open()
    assert.deepEqual([box.hidden, overlay.isOpen(), root.activeElement], [false, true, box])
    overlay.close()
    assert.deepEqual([box.hidden, overlay.isOpen(), root.activeElement], [true, false, card])
  })
  for (const [why, lose] of [["gone", () => { card.isConnected = false }], ["hidden", () => { card.checkVisibility = () => false }]]) {
    it(`leads home where what had the focus is ${why}`, () => {
      overlay.open()
      lose()
      overlay.close()
      assert.equal(root.activeElement, home)
    })
  }
  it("what is opened later lies over what is open, whatever their order in the document", () => {
    const [first, second, third] = [element(), element(), element()]
    const of = (node) => new Overlay(overlays, node)
    const [lower, upper] = [of(third), of(first)]
    lower.open()
    upper.open()
    assert.ok(first["--layer"] > third["--layer"])
    lower.close()
    of(second).open()
    assert.ok(second["--layer"] > first["--layer"])
  })
  it("opened twice it still knows where the focus was", () => {
    overlay.open()
    buttons[1].focus()
    overlay.open()
    overlay.close()
    assert.equal(root.activeElement, card)
  })
  it("Tab goes round within it, in both directions", () => {
    overlay.open()
    assert.equal(tab(), false) // into it: the browser's own step
    buttons[2].focus()
    assert.deepEqual([tab(), root.activeElement], [true, buttons[0]])
    assert.deepEqual([tab(true), root.activeElement], [true, buttons[2]])
    buttons[1].focus()
    assert.deepEqual([tab(), tab(true)], [false, false])
    box.focus()
    assert.deepEqual([tab(true), root.activeElement], [true, buttons[2]])
  })
  it("passes over what cannot be seen", () => {
    buttons[2].checkVisibility = () => false
    overlay.open()
    buttons[1].focus()
    assert.deepEqual([tab(), root.activeElement], [true, buttons[0]])
  })
  it("keeps nobody inside while it is closed, or lies beside the rest", () => {
    buttons[2].focus()
    assert.equal(tab(), false)
    box = element(buttons)
    new Overlay(overlays, box, { covers: () => false }).open()
    buttons[2].focus()
    assert.equal(tab(), false)
  })
  it("of two the one on top closes first, and each gives the focus back", () => {
    const over = new Overlay(overlays, element())
    overlay.open()
    buttons[0].focus()
    over.open()
    assert.equal(overlays.back(), true)
    assert.deepEqual([over.isOpen(), overlay.isOpen(), root.activeElement], [false, true, buttons[0]])
    assert.deepEqual([overlays.back(), root.activeElement, overlays.back()], [true, card, false])
  })
  it("the lower one closed first: the upper one gives the focus back to where it was before both", () => {
    const over = new Overlay(overlays, element())
    overlay.open()
    over.open()
    overlay.close()
    assert.equal(root.activeElement, over.node)
    over.close()
    assert.equal(root.activeElement, card)
  })
})
