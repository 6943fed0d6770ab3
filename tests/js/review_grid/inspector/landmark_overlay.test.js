import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../../load.js"

describe("FaceCache", () => {
  let asked, ok, book
  beforeEach(() => {
    asked = []
    ok = true
    const fetch = async (url) => {
      asked.push(url)
      return { ok, status: 404, json: async () => ({ url }) }
    }
    const files = ["_shared/dom.js", "_shared/post_json.js", "review_grid/inspector/viewer.js", "review_grid/inspector/landmark_overlay.js"]
    const { FaceCache } = load(files, ["FaceCache"], { fetch })
    book = new FaceCache("/app/")
  })

  it("asks once for a face", async () => {
    assert.equal(await book.get("f1"), await book.get("f1"))
    assert.deepEqual(asked, ["/app/api/face/f1"])
  })
  it("asks anew after a decision changed it", async () => {
    await book.get("f1")
    book.forget(["f1"])
    await book.get("f1")
    assert.equal(asked.length, 2)
  })
  it("asks anew after a failure, which the caller hears of", async () => {
    ok = false
    await assert.rejects(book.get("f1"), { message: "the server answers 404" })
    ok = true
    await book.get("f1")
    assert.equal(asked.length, 2)
  })
  it("knows three hundred faces and lets the oldest go", async () => {
    for (let n = 0; n < 301; n++) await book.get(n)
    assert.deepEqual([book.known.size, book.known.has(0), book.known.has(1)], [300, false, true])
  })
})
