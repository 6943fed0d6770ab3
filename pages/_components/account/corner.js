// The header's right: who works here, in which workspace, and the way out.
export default function ({ parentElement, data }) {
  useWords(data.words);
  translate(parentElement.querySelector(".corner"));
  chooseLanguage(parentElement, data);
  const find = (selector) => parentElement.querySelector(selector);
  const who = find(".who"), menu = find(".menu"), out = find(".out"), error = find(".error");
  find(".workspace").textContent = data.workspace;
  find(".name").textContent = data.name;
  find(".full-name").textContent = data.name;
  find(".folder").textContent = data.folder;
  out.hidden = !data.can_leave;

  const show = (open) => {
    menu.hidden = !open;
    who.setAttribute("aria-expanded", String(open));
  };
  who.onclick = () => show(menu.hidden);
  const outside = (event) => {
    if (!event.composedPath().includes(who) && !event.composedPath().includes(menu)) show(false);
  };
  const escape = (event) => {
    if (event.key === "Escape" && !menu.hidden) { show(false); who.focus(); }
  };
  document.addEventListener("pointerdown", outside);
  document.addEventListener("keydown", escape);

  out.onclick = async () => {
    try {
      const answer = await fetch(data.sign_out, { method: "POST" });
      if (!answer.ok) throw new Error((await answer.json()).error);
      window.location.assign(data.after || window.location.href);
    } catch (reason) {
      error.textContent = t("Signing out failed: {why}", { why: reason.message });
    }
  };
  return () => {
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener("keydown", escape);
  };
}
