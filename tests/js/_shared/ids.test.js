import assert from "node:assert/strict"
import { it } from "node:test"
import { load } from "../load.js"

it("an id is the browser's own UUID", () => {
  const { newId } = load(["_shared/ids.js"], ["newId"], { crypto: { randomUUID: () => "made by the browser" } })
  assert.equal(newId(), "made by the browser")
})

it("without https the id is a UUID of version 4, too", () => {
  const getRandomValues = (bytes) => bytes.map((_, at) => 0xf0 + at)
  const { newId } = load(["_shared/ids.js"], ["newId"], { crypto: { getRandomValues } })
  assert.equal(newId(), "f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff")
})
