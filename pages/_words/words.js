// The words in the reader's language; the English text is the key (pages/_words).

let words = {}

function useWords(given) {
  words = given ?? {}
}

/** t("{n} selected", { n: 3 }) */
function t(text, values) {
  const translated = words[text] ?? text
  return values ? translated.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : translated
}

/** A class's name within a sentence: `none` must not read as nothing. A badge needs no quotes. */
function inQuotes(name) {
  return t("“{name}”", { name })
}

/** The template's own words, once: its text nodes and what its attributes say. */
function translate(root) {
  if (root.dataset.translated) return
  root.dataset.translated = "yes"
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (nodes.nextNode()) {
    const text = nodes.currentNode.data.trim()
    if (words[text]) nodes.currentNode.data = nodes.currentNode.data.replace(text, () => words[text])
  }
  for (const node of [root, ...root.querySelectorAll("*")]) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const translated = words[node.getAttribute(name)]
      if (translated) node.setAttribute(name, translated)
    }
  }
}
