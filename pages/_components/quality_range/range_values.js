// The numbers behind the sliders and the histogram. No DOM in here.

/** The bars from `left` to `right` as one path in a box of 1 by 1; square roots, so that a few faces still show. */
function barPath(counts, left, right) {
  const most = Math.sqrt(Math.max(1, ...counts))
  const width = 1 / counts.length
  const parts = counts.map((number, at) => {
    const [start, end] = [Math.max(left, at * width), Math.min(right, (at + 0.9) * width)]
    return number && end > start ? `M${start} 1V${1 - Math.sqrt(number) / most}H${end}V1Z` : ""
  })
  return parts.join("") || "M0 1Z"
}

/** What was typed as a range: in order, within the scale; null: no limit, which the scale's own end is, too. */
function rangeOf([first, second], { low, high }) {
  const crossed = first !== null && second !== null && first > second
  const [from, to] = crossed ? [second, first] : [first, second]
  return {
    from: from === null || from <= low ? null : Math.min(from, high),
    to: to === null || to >= high ? null : Math.max(to, low),
  }
}

/** The value at a part (0 to 1) of the scale, in whole steps. */
function valueAt(part, { low, high, step }) {
  const raw = low + Math.min(1, Math.max(0, part)) * (high - low)
  return Math.round(raw / step) * step
}

/** Which handle a click at `value` moves: the nearer one. */
function nearerEnd(value, { from, to }, { low, high }) {
  return Math.abs(value - (from ?? low)) <= Math.abs(value - (to ?? high)) ? "low" : "high"
}

function formatNumber(value, digits) {
  return value.toLocaleString("en", { maximumFractionDigits: digits }).replace("-", "−")
}
