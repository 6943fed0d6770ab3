// In the head of each page: what Streamlit says in English alone, of its own controls, in the reader's language.
(() => {
  const WORDS = "{words}" // { locale: { its word: ours } }
  const PICKER = " color picker"
  const chosen = document.cookie.match(/(?:^|; )moue_language=([a-z]+)/)?.[1] ?? navigator.language.split("-")[0]
  const words = WORDS[chosen]
  if (!words) return // English
  const NAMES = ["aria-label", "placeholder"]
  const NAMED = NAMES.map((name) => `[${name}]`).join()
  const TEXTS = "[data-testid=stSkipToContent], [role=listbox]" // a list without any choice says so

  function inOurs(text) {
    if (text.endsWith(PICKER)) return words[PICKER].replace("{name}", () => text.slice(0, -PICKER.length))
    return words[text]
  }

  function name(node) {
    for (const attribute of NAMES) {
      const ours = inOurs(node.getAttribute(attribute) ?? "")
      if (ours && ours !== node.getAttribute(attribute)) node.setAttribute(attribute, ours)
    }
  }

  function tell(node) {
    const ours = inOurs(node.textContent)
    let leaf = node
    while (leaf.firstElementChild) leaf = leaf.firstElementChild
    if (ours && ours !== leaf.textContent) leaf.textContent = ours
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
      if (type === "attributes") name(target)
      else addedNodes.forEach(look)
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: NAMES })
})()
