// The scripts under test are fragments: they are joined, as Python does it, and run as one function's body.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { compileFunction } from "node:vm"

const PAGES = join(import.meta.dirname, "..", "..", "pages")
const WORDS = "_words/words.js"

/**
 * Join files (paths below pages/_components; words.js comes first by itself) and return the named things that they
 * define. globals: what the browser would have, and Node has not or not so: {localStorage, fetch, …}.
 */
export function load(files, names, globals = {}) {
  const paths = [WORDS, ...files.map((file) => `_components/${file}`)]
  const text = paths.map((path) => readFileSync(join(PAGES, path), "utf8")).join("\n")
  const run = compileFunction(`${text}\nreturn { ${names.join(", ")} }`, Object.keys(globals), { filename: paths.join("+") })
  return run(...Object.values(globals))
}

/** setTimeout that waits for nobody: `clock.run()` calls what is due by now, in order of time. */
export class Clock {
  constructor() {
    this.timers = new Map()
    this.last = 0
    this.setTimeout = (call, ms = 0) => {
      this.timers.set(++this.last, { call, ms })
      return this.last
    }
    this.clearTimeout = (id) => this.timers.delete(id)
  }

  /** The waits, in milliseconds, of all that is set. */
  get waits() {
    return [...this.timers.values()].map(({ ms }) => ms)
  }

  run() {
    const due = [...this.timers.values()].sort((a, b) => a.ms - b.ms)
    this.timers.clear()
    for (const { call } of due) call()
  }
}

/** localStorage; `Object.keys` of it gives the names, as in a browser. */
export function storage(content = {}) {
  const methods = {
    getItem(name) { return Object.hasOwn(this, name) ? this[name] : null },
    setItem(name, value) { this[name] = String(value) },
    removeItem(name) { delete this[name] },
  }
  return Object.assign(Object.create(methods), content)
}

/** Let everything that is resolved go on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve))
