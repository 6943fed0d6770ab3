import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const now = { ms: 0 }
const names = ["formatCount", "formatSize", "formatDuration", "speedometer"]
const { formatCount, formatSize, formatDuration, speedometer } = load(["upload_box/upload_progress.js"], names,
  { performance: { now: () => now.ms } })

for (const [bytes, text] of [[0, "1 kB"], [1499, "1 kB"], [345_000, "345 kB"], [1_250_000, "1.3 MB"], [2_345_000_000, "2.35 GB"]]) {
  it(`${bytes} bytes: ${text}`, () => assert.equal(formatSize(bytes), text))
}
it("a German browser writes numbers as the page does", (test) => {
  test.mock.method(Number.prototype, "toLocaleString", function () { return new Intl.NumberFormat("de").format(Number(this)) })
  assert.equal((1234).toLocaleString(), "1.234")
  assert.deepEqual([formatCount(1234567), formatSize(999_990)], ["1,234,567", "1,000 kB"])
})
for (const [seconds, text] of [[0, "1 s"], [59.4, "59 s"], [60, "1 min"], [150, "3 min"], [3600, "1 h 0 min"], [9000, "2 h 30 min"]]) {
  it(`${seconds} seconds: ${text}`, () => assert.equal(formatDuration(seconds), text))
}

describe("speedometer", () => {
  let left
  const at = (ms, bytes) => {
    now.ms = ms
    return left(bytes, 1000)
  }
  beforeEach(() => { left = speedometer() })

  it("knows nothing in the first three seconds", () => assert.deepEqual([at(0, 0), at(3000, 300)], [null, null]))
  it("then goes by the speed since", () => {
    at(0, 0)
    assert.equal(at(4000, 200), 16) // 50 bytes a second, 800 to go
  })
  it("knows nothing while nothing moves", () => {
    at(0, 100)
    assert.equal(at(5000, 100), null)
  })
  it("forgets what was more than twenty seconds ago", () => {
    at(0, 0)
    at(20_000, 100)
    assert.equal(at(30_000, 600), 8) // 500 bytes in the last ten seconds
  })
})
