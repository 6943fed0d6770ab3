import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../../load.js"

const { Compare } = load(["review_grid/overlay.js", "review_grid/inspector/compare.js"], ["Compare"], {})
const compare = (targets, items = 9) => {
  const box = { hidden: true, querySelector: () => ({}), addEventListener() {} }
  return new Compare({ model: { targets: () => targets, items: Array(items).fill({}) } }, box, "/")
}

describe("Compare", () => {
  for (const [targets, meant] of [
    [[3], [3, 4]], [[8], []], [[], []], [[2, 5], [2, 5]], [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4]],
  ]) {
    it(`of ${JSON.stringify(targets)} shows ${JSON.stringify(meant)}`, () => assert.deepEqual(compare(targets).meant(), meant))
  }
})
