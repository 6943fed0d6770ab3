import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

/** As much of an element as rows are built of. */
class Node {
  constructor(tag) {
    Object.assign(this, { tag, children: [], dataset: {}, named: {}, names: new Set() })
    this.style = { setProperty() {} }
    this.classList = { add: (name) => this.names.add(name) }
  }

  set className(text) { for (const name of text.split(" ")) if (name) this.names.add(name) }
  append(...nodes) { this.children.push(...nodes) }
  prepend(...nodes) { this.children.unshift(...nodes) }
  replaceChildren(...nodes) { this.children = nodes }
  setAttribute(name, value) { this.named[name] = value }
  all(name) {
    const nodes = this.children.filter((one) => one.all)
    return nodes.flatMap((one) => [...(one.names.has(name) ? [one] : []), ...one.all(name)])
  }
}

const classes = new Map([[1, { name: "none", letter: "n" }], [2, { name: "smile", letter: "s" }]])
const face = (id) => ({ id, v: "1" })

function built(conflicts, faces) {
  const document = { createElement: (tag) => new Node(tag) }
  const { Rows } = load(["_shared/dom.js", "duplicate_groups/text.js", "duplicate_groups/rows.js"], ["Rows"], { document })
  const members = [{ sha: "a", name: "a.jpg", folder: "", width: 9, height: 9, faces: faces.map(face) }]
  const model = { classes, groups: [{ title: "2 photos", conflicts, members }], labelsOf: () => [1, 2] }
  const body = new Node("div")
  new Rows(body, model, "/").build()
  return body
}

describe("the buttons where copies carry different labels", () => {
  it("of several faces say which one they are about", () => {
    const [first, second] = built([["f1", "g1"], ["f2", "g2"]], ["f1", "f2"]).all("conflict")
    assert.deepEqual([first, second].map(({ named }) => named["aria-label"]), ["face 1 of 2", "face 2 of 2"])
    assert.match(first.children[0].src, /crop\/f1/)
    assert.match(second.children[0].src, /crop\/f2/)
    assert.equal(first.children.length, 3)
  })

  it("of one face need no picture", () => {
    const [only] = built([["f1", "g1"]], ["f1"]).all("conflict")
    assert.deepEqual(only.children.map(({ tag }) => tag), ["button", "button"])
  })
})

it("mouths that may not fit are scrolled with the keyboard, too", () => {
  const [few] = built([], ["1", "2", "3", "4"]).all("faces")
  const [many] = built([], ["1", "2", "3", "4", "5"]).all("faces")
  assert.deepEqual([few.tabIndex, many.tabIndex, many.named["aria-label"]], [undefined, 0, "the mouths of photo 1"])
  assert.ok(many.names.has("scrolls")) // keys.js leaves the arrows to it
})
