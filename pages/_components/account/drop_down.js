// A button that shows a menu below it; Escape, a link in it and a press elsewhere hide it.
// `opened` runs each time it is shown.
function dropDown(host, opened = () => {}) {
  const button = host.querySelector(".who"), menu = host.querySelector(".menu")
  const show = (open) => {
    menu.hidden = !open
    button.setAttribute("aria-expanded", String(open))
    if (open) opened(menu)
  }
  const outside = (event) => {
    if (!event.composedPath().includes(host)) show(false)
  }
  const escape = (event) => {
    if (event.key === "Escape" && !menu.hidden) {
      show(false)
      button.focus()
    }
  }
  button.onclick = () => show(menu.hidden)
  menu.addEventListener("click", (event) => {
    if (event.target.closest("a")) show(false)
  })
  document.addEventListener("pointerdown", outside)
  document.addEventListener("keydown", escape)
  return () => {
    document.removeEventListener("pointerdown", outside)
    document.removeEventListener("keydown", escape)
  }
}
