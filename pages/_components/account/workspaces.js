// The switcher: the workspaces of this server as links, asked for when they are wanted. A link can be opened in a tab
// of its own; what waits to be saved is sent as at the end of any page.
function workspaceSwitcher(host, data) {
  host.hidden = !data.workspaces
  if (!data.workspaces) return () => {}
  const button = host.querySelector(".who"), list = host.querySelector("ul"), error = host.querySelector(".error")
  host.querySelector(".name").textContent = data.workspace
  button.setAttribute("aria-label", t("Workspace {name}: change it", { name: data.workspace }))

  const row = (one) => {
    const link = make("a")
    link.href = one.address
    link.setAttribute("role", "menuitem")
    if (one.name === data.workspace) link.setAttribute("aria-current", "true")
    const state = one.annotator === null ? t("not signed in") : undecided(one.undecided)
    link.append(make("b", "", one.name), make("span", "", state))
    const item = make("li")
    item.setAttribute("role", "none")
    item.append(link)
    return item
  }
  const undecided = (number) => (number === null ? "" : t("{n} undecided", { n: number.toLocaleString("en") }))
  const fill = async () => {
    error.textContent = ""
    try {
      const reply = await askJson(data.workspaces)
      list.replaceChildren(...reply.workspaces.map(row))
      list.querySelector("[aria-current]")?.focus() // keys are the menu's from here on, see keys.js
    } catch (reason) {
      error.textContent = reason.message
    }
  }
  host.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const links = [...list.querySelectorAll("a")]
    if (!step || !links.length) return
    event.preventDefault()
    const at = links.indexOf(host.getRootNode().activeElement)
    links[(at + step + links.length) % links.length].focus()
  }
  return dropDown(host, fill)
}
