import assert from "node:assert/strict"
import { it } from "node:test"
import { load } from "../../load.js"

const { basename } = load(["review_grid/inspector/facts.js"], ["basename"])

for (const [what, location, name] of [
  ["a path", "/home/ada/a.jpg", "a.jpg"], ["of Windows", "C:\\photos\\a.jpg", "a.jpg"], ["in a zip", "/home/x.zip!in/a.jpg", "a.jpg"],
  ["an address", "https://example.org/p/a.jpg", "a.jpg"], ["a name alone", "a.jpg", "a.jpg"], ["nothing but a root", "/", "/"],
]) it(`the name in ${what}`, () => assert.equal(basename(location), name))
