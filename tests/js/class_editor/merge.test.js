import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

/** What a <select> does with its options. */
class Select {
  options = []
  #value = ""
  replaceChildren(...options) { this.options = options; this.#value = options[0]?.value ?? "" }
  get value() { return this.#value }
  set value(value) { this.#value = this.options.some((one) => one.value === String(value)) ? String(value) : "" }
}

class Option {
  constructor(text, value) { Object.assign(this, { text, value: String(value) }) }
}

const row = (id, name, n) => ({ id, name, quoted: `“${name}”`, n, accepted: String(n), faces: `${n} faces`, see: `/review?${id}` })
const ROWS = [row(1, "none", 0), row(2, "pout", 2), row(3, "smile", 5)]

describe("Merge", () => {
  let merge, section, sent

  beforeEach(() => {
    const nodes = { ".from": new Select(), ".into": new Select(), ".do-merge": {}, ".see": {} }
    section = { querySelector: (selector) => nodes[selector], nodes }
    sent = []
    const { Merge } = load(["class_editor/merge.js"], ["Merge"], { Option })
    merge = new Merge(section, (...change) => sent.push(change))
    merge.update(ROWS, "")
  })

  const button = () => section.nodes[".do-merge"]
  const choose = (selector, value) => {
    section.nodes[selector].value = value
    section.nodes[selector].onchange()
  }

  it("is offered from classes with faces, into any other, and into none by itself", () => {
    assert.deepEqual(section.nodes[".from"].options.map((one) => one.text), ["pout", "smile"])
    assert.deepEqual(section.nodes[".into"].options.map((one) => one.text), ["choose a class", "none", "smile"])
    assert.equal(button().disabled, true)
  })

  it("sends how many it told, and wants its target anew afterwards", () => {
    choose(".from", 3)
    choose(".into", 2)
    assert.deepEqual([button().disabled, button().textContent], [false, "Label 5 faces “pout”"])
    button().onclick()
    assert.deepEqual(sent, [["merge", 3, 2, { faces: 5 }]])
    assert.deepEqual([button().disabled, section.nodes[".into"].value], [true, ""])
  })

  it("keeps what is chosen while it is there, and asks anew where it went", () => {
    choose(".from", 3)
    choose(".into", 2)
    merge.update([row(4, "wide", 1), ...ROWS], "")
    assert.deepEqual([section.nodes[".from"].value, section.nodes[".into"].value], ["3", "2"])
    merge.update([row(4, "wide", 1), ROWS[0], ROWS[2]], "")
    assert.deepEqual([section.nodes[".from"].value, button().disabled], ["3", true])
  })

  it("is hidden where nothing can be merged, and closed where nobody may", () => {
    merge.update(ROWS.slice(0, 2), "no")
    choose(".into", 1)
    assert.deepEqual([section.hidden, button().disabled, button().title], [false, true, "no"])
    merge.update([row(1, "none", 0), row(2, "pout", 0)], "")
    assert.equal(section.hidden, true)
  })
})
