// In the head of each page: what Streamlit says in English alone, of its own controls, in the reader's language.
(() => {
  const WORDS = "{words}" // { locale: { its word: ours } }
  const chosen = document.querySelector("meta[name=moue-language]").content // to ask for the cookie takes 30 ms here
  const words = WORDS[chosen] ?? {} // English: its own stand, and only icons are kept from being read aloud
  const NAMES = ["aria-label", "placeholder", "aria-valuetext"]
  const NAMED = NAMES.map((name) => `[${name}]`).join()
  // a list without any choice says so; a day that is not typed yet, what belongs where; the button of a box for a file;
  // what a button of Streamlit's own is, under the pointer
  const EMPTY = "data-placeholder"
  const FILES = "[data-testid=stFileUploaderDropzone] button p"
  const TEXTS = `[data-testid=stSkipToContent], [role=listbox], [role=spinbutton][${EMPTY}], [data-testid=stTooltipContent], ${FILES}`
  const AROUND = Object.keys(words).filter((theirs) => theirs.includes("{name}")).map((theirs) => theirs.split("{name}"))
  const ICON = /^[a-z0-9_]+ icon$/ // beside a text that says it

  function inOurs(text) {
    if (words[text]) return words[text]
    const [before, behind] = AROUND.find(([first, last]) => text.startsWith(first) && text.endsWith(last)) ?? []
    if (before === undefined) return undefined
    const inside = text.slice(before.length, text.length - behind.length)
    return words[`${before}{name}${behind}`].replace("{name}", () => inside)
  }

  function name(node) {
    if (node.matches("span") && ICON.test(node.getAttribute("aria-label") ?? "")) {
      node.setAttribute("aria-hidden", "true")
      return
    }
    for (const attribute of NAMES) {
      const ours = inOurs(node.getAttribute(attribute) ?? "")
      if (ours && ours !== node.getAttribute(attribute)) node.setAttribute(attribute, ours)
    }
  }

  function tell(node) {
    const said = node.textContent, ours = inOurs(said)
    if (!ours || ours === said) return
    let leaf = node, inside = node // a list may hold an empty element before the one with the words
    while (inside) {
      leaf = inside
      inside = [...leaf.children].find((one) => one.textContent === said)
    }
    leaf.textContent = ours
  }

  function look(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return
    if (node.matches(NAMED)) name(node)
    for (const one of node.querySelectorAll(NAMED)) name(one)
    const around = node.closest(TEXTS)
    if (around) tell(around)
    for (const one of node.querySelectorAll(TEXTS)) tell(one)
  }

  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type !== "attributes") addedNodes.forEach(look)
      else {
        name(target)
        if (target.matches(TEXTS)) tell(target)
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: [...NAMES, EMPTY] })
})()
