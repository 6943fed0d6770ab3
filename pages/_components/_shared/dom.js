// Nodes, for every component. Text goes in through textContent alone: what users wrote is never markup.

const SVG = "http://www.w3.org/2000/svg"

function make(tag, className, text) {
  const node = document.createElement(tag)
  if (className) node.className = className
  if (text !== undefined) node.textContent = text
  if (tag === "button") node.type = "button"
  return node
}

/** A stored UTC time by the reader's clock, as the pages write it: `2026-11-28 14:05`. */
function formatTime(iso) {
  const at = new Date(iso), two = (number) => String(number).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** A shape at the end of an <svg>. */
function addShape(svg, tag, className) {
  const node = document.createElementNS(SVG, tag)
  if (className) node.setAttribute("class", className)
  svg.append(node)
  return node
}

/** Exactly these nodes are in `host`; where they are already, nothing is touched: no picture is drawn anew. */
function showNodes(host, nodes) {
  const same = nodes.length === host.children.length && nodes.every((node, at) => host.children[at] === node)
  if (!same) host.replaceChildren(...nodes)
}

/** The rows of the help's table: rows is [[keys, what they do], …]. */
function fillKeyTable(help, rows) {
  help.querySelector("tbody").replaceChildren(...rows.map(([key, what]) => {
    const row = make("tr")
    const head = make("th", "", key)
    head.scope = "row"
    row.append(head, make("td", "", what))
    return row
  }))
}
