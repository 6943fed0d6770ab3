import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

const { counted, facesOf, sizeOf, listed, badgeOf, pictures } = load(["duplicate_groups/text.js"],
  ["counted", "facesOf", "sizeOf", "listed", "badgeOf", "pictures"])

it("one and many", () => assert.deepEqual([counted(1, "1 photo", "{n} photos"), counted(1200, "1 photo", "{n} photos")], ["1 photo", "1,200 photos"]))
it("no face is many", () => assert.equal(facesOf(0), "0 faces"))
it("a photo's size", () => assert.equal(sizeOf({ width: 4000, height: 300 }), "4,000 × 300"))
it("a list", () => assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed), ["", "a", "a and b", "a, b and c"]))

describe("badgeOf", () => {
  const smile = { id: 2, letter: "S", name: "smile" }
  for (const [what, state, badge] of [
    ["a class", { verdict: "accept", class_id: 2 }, ["S", "smile", smile]],
    ["a class that is not known here", { verdict: "accept", class_id: 9 }, ["✓", "accepted", null]],
    ["rejected for a reason", { verdict: "reject", reason: "too_small" }, ["✕", "rejected: too small", null]],
    ["rejected", { verdict: "reject", reason: null }, ["✕", "rejected", null]],
    ["unsure", { verdict: "unsure" }, ["?", "unsure", null]],
    ["undecided", { verdict: null }, ["", "undecided", null]],
  ]) it(what, () => assert.deepEqual(badgeOf(state, new Map([[2, smile]])), badge))
})

it("the pictures' URLs are below the server's path; a crop's version is in it", () => {
  const url = pictures("/app/")
  assert.equal(url.thumb({ sha: "ab" }), "/app/api/image/thumb/ab?v=1")
  assert.equal(url.crop({ id: "f/1", v: "2 3" }, 128), "/app/api/image/crop/f/1?v=2%203&s=128")
})
