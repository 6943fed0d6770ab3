import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const { t, useWords } = load([], ["t", "useWords"])

describe("t", () => {
  beforeEach(() => useWords({ "{n} faces": "{n} 张脸", saved: "已保存", "{a} of {b}": "{b} 中的 {a}" }))

  it("gives the reader's words", () => assert.equal(t("saved"), "已保存"))
  it("gives the English text where there is no translation", () => assert.equal(t("retrying"), "retrying"))
  it("puts values in, in the translation's order", () => assert.equal(t("{a} of {b}", { a: 1, b: 2 }), "2 中的 1"))
  it("leaves a name without a value as it is", () => assert.equal(t("{a} of {b}", { a: 1 }), "{b} 中的 1"))
  it("shows 0", () => assert.equal(t("{n} faces", { n: 0 }), "0 张脸"))
  it("puts a value in as it stands, whatever it holds", () => assert.equal(t("{n} faces", { n: "$& {n}" }), "$& {n} 张脸"))
  it("is English again without words", () => {
    useWords(null)
    assert.equal(t("saved"), "saved")
  })
})
