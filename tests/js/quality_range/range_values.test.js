import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

const { barPath, rangeOf, valueAt, nearerEnd, formatNumber } = load(["quality_range/range_values.js"],
  ["barPath", "rangeOf", "valueAt", "nearerEnd", "formatNumber"])
const SCALE = { low: -10, high: 30, step: 0.5 }

describe("barPath", () => {
  it("draws a bar a bin, as high as the square root of its number", () => {
    assert.equal(barPath([4, 0, 1, 16], 0, 1), "M0 1V0.5H0.225V1ZM0.5 1V0.75H0.725V1ZM0.75 1V0H0.975V1Z")
  })
  it("cuts the bars where the range ends", () => assert.equal(barPath([1, 1], 0.25, 0.5), "M0.25 1V0H0.45V1Z"))
  it("draws nothing where there is nothing", () => assert.equal(barPath([0, 0], 0, 1), "M0 1Z"))
})

describe("rangeOf", () => {
  const cases = [
    ["both within", [0, 20], { from: 0, to: 20 }], ["crossed", [20, 0], { from: 0, to: 20 }], ["empty", [null, null], { from: null, to: null }],
    ["at the scale's ends: no limit", [-10, 30], { from: null, to: null }], ["beyond them", [-99, 99], { from: null, to: null }],
    ["all above the scale", [40, 50], { from: 30, to: null }], ["all below the scale", [-50, -40], { from: null, to: -10 }],
    ["one end", [null, 5], { from: null, to: 5 }], ["0 is a limit", [0, null], { from: 0, to: null }],
  ]
  for (const [what, typed, range] of cases) it(what, () => assert.deepEqual(rangeOf(typed, SCALE), range))
})

describe("a click on the histogram", () => {
  it("is the value there, in whole steps", () => assert.equal(valueAt(0.26, SCALE), 0.5))
  it("never leaves the scale", () => assert.deepEqual([valueAt(-1, SCALE), valueAt(2, SCALE)], [-10, 30]))
  it("moves the nearer handle; the lower one where both are as near", () => {
    const ends = { from: 0, to: 20 }
    assert.deepEqual([2, 10, 11].map((value) => nearerEnd(value, ends, SCALE)), ["low", "low", "high"])
  })
  it("takes a handle without a limit for the scale's end", () => {
    assert.equal(nearerEnd(25, { from: null, to: null }, SCALE), "high")
  })
})

it("numbers have a true minus and the digits that are asked for", () => {
  assert.deepEqual([formatNumber(-1234.567, 1), formatNumber(0.5, 2), formatNumber(3, 2)], ["−1,234.6", "0.5", "3"])
})
