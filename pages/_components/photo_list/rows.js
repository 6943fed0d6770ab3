// One row a file. User text goes in through textContent alone.

const VERDICTS = { "": () => t("undecided"), accept: () => t("accepted"), reject: () => t("rejected"), unsure: () => t("unsure") }
const FAILED = new Set(["undecodable", "too_large", "unsupported", "unavailable", "quarantined"])
const numbers = new Intl.NumberFormat("en")

const urls = (base, row) => ({
  thumb: `${base}api/image/thumb/${row.sha}?v=1`,
  whole: `${base}api/image/unified/${row.sha}?v=1`,
  overlay: `${base}api/image/overlay/${row.sha}?v=${row.overlay_v}`,
  crop: (face) => `${base}api/image/crop/${face.id}?v=${face.v}&s=224`,
})

/** act(what, row, face, button): "look", "draw", "move" or "erase". */
function buildRow(row, base, act, message) {
  const node = make("div", "row")
  node.setAttribute("role", "listitem")
  node.dataset.n = row.n
  node.append(about(row, act, message))
  if (!row.sha) {
    const wide = make("div", "wide")
    wide.append(make("p", "why", row.reason), make("p", "remedy", row.remedy))
    node.append(wide)
    return node
  }
  const url = urls(base, row)
  node.append(
    picture(url.thumb, t("Original: {name}", row), row, (button) => act("look", row, null, button)),
    picture(url.overlay, t("What the machine saw: {name}", row), row, (button) => act("look", row, "overlay", button)),
    crops(row, url, act),
  )
  return node
}

function about(row, act, message) {
  const cell = make("div", "about")
  const folder = make("p", "folder", row.folder)
  folder.title = row.location
  const kind = FAILED.has(row.outcome) ? "failed" : row.outcome === "no_face" ? "miss" : ""
  const badge = make("span", "badge", row.badge)
  badge.dataset.kind = kind
  cell.append(make("p", "file-name", row.name), folder, badge)
  if (row.sha) {
    const facts = [t("{width} × {height} pixels", { width: numbers.format(row.width), height: numbers.format(row.height) }), row.source].filter(Boolean)
    cell.append(make("p", "why", row.reason))
    if (row.remedy) cell.append(make("p", "remedy", row.remedy))
    cell.append(make("p", "facts", facts.join(" · ")))
    const actions = make("div", "actions")
    const draw = make("button", "", t("Draw a face"))
    draw.dataset.act = "draw"
    draw.onclick = () => act("draw", row, null, draw)
    const erase = make("button", "quiet", t("Erase this photo …"))
    erase.dataset.act = "erase"
    erase.onclick = () => act("erase", row, null, erase)
    actions.append(draw, erase)
    cell.append(actions)
  }
  if (message) cell.append(make("p", "said", message))
  return cell
}

function picture(url, alt, row, onClick) {
  const button = make("button", "picture")
  button.style.setProperty("--shape", `${row.width} / ${row.height}`)
  button.setAttribute("aria-label", t("{what}, enlarge", { what: alt }))
  const image = make("img")
  image.loading = "lazy"
  image.decoding = "async"
  image.alt = ""
  image.onerror = () => {
    button.classList.add("lost")
    button.replaceChildren(t("This picture cannot be shown: its file is gone. Put it back, or relink its source."))
    button.disabled = true
  }
  image.src = url
  button.append(image)
  button.onclick = () => onClick(button)
  return button
}

function crops(row, url, act) {
  const cell = make("div", "crops")
  if (!row.faces.length) cell.append(make("span", "none", t("no crop")))
  row.faces.forEach((face, at) => {
    const one = make("div", "crop")
    const image = make("img")
    image.loading = "lazy"
    image.alt = t("Crop {n} of {all}, {state}", { n: at + 1, all: row.faces.length, state: VERDICTS[face.verdict ?? ""]() })
    image.src = url.crop(face)
    const move = make("button", "", t("Move crop"))
    move.dataset.act = "move"
    move.dataset.face = face.id
    move.onclick = () => act("move", row, face, move)
    one.append(image, make("span", "verdict", VERDICTS[face.verdict ?? ""]()), move)
    cell.append(one)
  })
  return cell
}
