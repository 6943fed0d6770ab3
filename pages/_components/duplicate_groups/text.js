// What the page writes: buttons, numbers, the decision on a face, and the URLs of pictures. Uses dom.js and words.js.

const numbers = new Intl.NumberFormat("en")

function button(act, label, title, key) {
  const node = make("button")
  node.dataset.act = act
  node.title = title
  if (key) node.append(make("kbd", "", key))
  node.append(make("span", "", label))
  return node
}

/** counted(2, t("1 face"), t("{n} faces")): both texts stand at the call, where the dictionary's test finds them. */
const counted = (number, one, many) => (number === 1 ? one : many.replace("{n}", numbers.format(number)))
const facesOf = (number) => counted(number, t("1 face"), t("{n} faces"))
const sizeOf = (member) => `${numbers.format(member.width)} × ${numbers.format(member.height)}`

function listed(words) {
  if (words.length < 2) return words.join("")
  return t("{some} and {last}", { some: words.slice(0, -1).join(t(", ")), last: words.at(-1) })
}

/** The decision on a face as a badge shows it: [letter, word, class]. "" while it is undecided. */
function badgeOf(state, classes) {
  if (state.verdict === "accept") {
    const spec = classes.get(state.class_id)
    return spec ? [spec.letter, spec.name, spec] : ["✓", t("accepted"), null]
  }
  if (state.verdict === "reject") return ["✕", rejectedFor(state.reason), null]
  if (state.verdict === "unsure") return ["?", t("unsure"), null]
  return ["", t("undecided"), null]
}

const rejectedFor = (slug) => (slug ? t("rejected: {reason}", { reason: t(slug.replaceAll("_", " ")) }) : t("rejected"))

const pictures = (base) => ({
  thumb: (member) => `${base}api/image/thumb/${member.sha}?v=1`,
  whole: (member) => `${base}api/image/unified/${member.sha}?v=1`,
  crop: (face, side) => `${base}api/image/crop/${face.id}?v=${encodeURIComponent(face.v)}&s=${side}`,
})
