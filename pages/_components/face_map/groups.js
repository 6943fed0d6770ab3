// What the points are coloured by: each group has a name, a colour and a shape, so that colour never tells alone.

const GREY = "#858b94"
const PALETTE = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6bd1", "#b0a000", "#4d9a2a", "#c0504d"]
const LARGEST = 10 // groups of their own; the rest is one more
const STATES = { undecided: 0, unsure: 1, rejected: 2, waiting: 3 }
const STEPS = [950, 800, 600, 0] // of probability, in thousandths

/** {groups: [{name, colour, letter, count}], of: Uint8Array, the group of each point}. by: one of COLOURINGS. */
function groupsBy(by, points, classes) {
  const { groups, of } = COLOURINGS[by](points, classes)
  for (const group of groups) group.count = 0
  for (let at = 0; at < points.n; at++) groups[of[at]].count++
  return { groups, of }
}

const COLOURINGS = {
  class: (points, classes) => byNumber(points.state, [...stateGroups(), ...classGroups(classes, STATES.waiting)]),
  state: (points) => {
    const accepted = { name: t("accepted"), colour: "#009e73", letter: "A" }
    return byNumber(points.state.map((one) => Math.min(one, 4)), [...stateGroups(), { ...accepted, value: 4 }])
  },
  suggested: (points, classes) => byNumber(points.suggested, [...classGroups(classes, 0), nothing(t("nothing suggested"))]),
  probability: (points) => byNumber(points.confidence.map(stepOf), [
    { name: share("≥ 95"), colour: "#0072b2", letter: "4", value: 0 }, { name: share("80–95"), colour: "#56b4e9", letter: "3", value: 1 },
    { name: share("60–80"), colour: "#e69f00", letter: "2", value: 2 }, { name: share("< 60"), colour: "#d55e00", letter: "1", value: 3 },
    nothing(t("nothing suggested")),
  ]),
  source: ({ source, sources }) => byNumber(source, [...named(source, sources), nothing(t("others"))]),
  person: ({ person, persons }) => byNumber(person, [...named(person, persons), nothing(t("others"))]),
}

function share(p) {
  return t("{p} %", { p })
}

/** The values that most points have, with their names. */
function named(values, names) {
  const found = largest(values, names.length)
  return found.map((value, at) => ({ name: names[value], colour: PALETTE[at], letter: String(at + 1), value }))
}

function stepOf(confidence) {
  return confidence === NONE ? NONE : STEPS.findIndex((least) => confidence >= least)
}

function stateGroups() {
  return [
    { name: t("undecided"), colour: GREY, letter: "–", value: STATES.undecided },
    { name: t("unsure"), colour: "#c79a00", letter: "?", value: STATES.unsure },
    { name: t("rejected"), colour: "#c0504d", letter: "×", value: STATES.rejected },
    { name: t("waiting"), colour: "#8a6bd1", letter: "…", value: STATES.waiting },
  ]
}

function classGroups(classes, offset) {
  return classes.map(({ id, name, colour, letter }) => ({ name, colour, letter, value: offset + id }))
}

function nothing(name) {
  return { name, colour: GREY, letter: "–", value: NONE }
}

/** The values below `n` that occur most often, LARGEST at most, in their order. */
function largest(values, n) {
  const counts = new Uint32Array(n)
  for (const value of values) if (value < n) counts[value]++
  const order = [...counts.keys()].filter((value) => counts[value])
  return order.sort((a, b) => counts[b] - counts[a]).slice(0, LARGEST).sort((a, b) => a - b)
}

/** Groups by a value; what has none of these values is of the last group. */
function byNumber(values, groups) {
  const place = new Uint8Array(NONE + 1).fill(groups.length - 1)
  groups.forEach(({ value }, at) => (place[value] = at))
  return { groups, of: Uint8Array.from(values, (value) => place[value]) }
}
