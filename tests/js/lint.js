// ESLint over the components' joined scripts (joined_scripts.py) and over the files here. Prints what it finds by the
// file and line that a person would open; ends with 1 if there was anything.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ESLint } from "eslint"

const HERE = import.meta.dirname
const MOST_LINES = 300 // of a file, as in Python
const eslint = new ESLint({ cwd: HERE })

/** {name: {text, files: [[first line, lines, file], …]}} */
function joinedScripts() {
  const folder = mkdtempSync(join(tmpdir(), "moue-scripts-"))
  try {
    const env = { ...process.env, PYTHONPATH: join(HERE, "..", "..") }
    execFileSync("python3", [join(HERE, "joined_scripts.py"), folder], { env, stdio: ["ignore", "ignore", "inherit"] })
    const names = readdirSync(folder).filter((name) => name.endsWith(".js")).map((name) => name.slice(0, -3))
    return Object.fromEntries(names.map((name) => [name, {
      text: readFileSync(join(folder, `${name}.js`), "utf8"),
      files: JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")),
    }]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A disable without its reason (`-- why`) is a finding, too. */
function* disablesWithoutReason(text) {
  for (const [at, line] of text.split("\n").entries()) {
    if (/eslint-disable/.test(line) && !/eslint-disable.* -- \S/.test(line)) {
      yield { line: at + 1, column: 1, ruleId: "disable-needs-reason", message: "say after -- why the rule is disabled" }
    }
  }
}

async function messagesOf(text, filePath) {
  const [result] = await eslint.lintText(text, { filePath })
  return [...result.messages, ...disablesWithoutReason(text)]
}

function placeOf(line, files) {
  const [first, , file] = files.findLast(([first]) => first <= line) ?? [1, 0, "joined text"]
  return { file, line: line - first + 1 }
}

/** What a shared file defines and this component does not use is unused only if no component that holds it does. */
async function componentFindings() {
  const found = new Map() // "file:line:column rule message" -> in how many components
  const holders = new Map() // file -> how many components hold it
  for (const [name, { text, files }] of Object.entries(joinedScripts())) {
    for (const [, lines, file] of files) {
      holders.set(file, (holders.get(file) ?? 0) + 1)
      if (lines > MOST_LINES) found.set(`${file}:${lines}:1 max-lines more than ${MOST_LINES} lines`, { file })
    }
    for (const { line, column, ruleId, message } of await messagesOf(text, join(HERE, "joined", `${name}.js`))) {
      const place = placeOf(line, files)
      const finding = `${place.file}:${place.line}:${column} ${ruleId ?? "syntax"} ${message}`
      const { times = 0 } = found.get(finding) ?? {}
      found.set(finding, { file: place.file, unused: ruleId === "no-unused-vars", times: times + 1 })
    }
  }
  const counts = ([, { file, unused, times }]) => !unused || times === holders.get(file)
  return [...found].filter(counts).map(([finding]) => finding)
}

async function ownFindings() {
  const results = await eslint.lintFiles(["."])
  return results.flatMap(({ filePath, messages }) => messages.map(({ line, column, ruleId, message }) =>
    `${filePath}:${line}:${column} ${ruleId ?? "syntax"} ${message}`))
}

const findings = [...await componentFindings(), ...await ownFindings()].sort()
for (const finding of findings) console.log(finding)
if (findings.length) {
  console.error(`ESLint: ${findings.length} findings`)
  process.exitCode = 1
}
