// To the page that was asked for before the provider sent everybody to the first one: only of this workspace.
function goOn(data) {
  const asked = data.ticket && sessionStorage.getItem("moue-asked");
  sessionStorage.removeItem("moue-asked");
  const workspace = new URL(data.url.replace(/api\/sign-in$/, ""), window.location.href).href;
  if (asked?.startsWith(workspace) && asked !== window.location.href) window.location.replace(asked);
  else window.location.reload();
}

// A Streamlit form cannot set an HttpOnly cookie: this one posts the name to the sign-in route and reloads the page.
export default function ({ parentElement, data }) {
  const form = parentElement.querySelector("form");
  useWords(data.words);
  translate(form);
  chooseLanguage(parentElement, data);
  const input = form.querySelector("input");
  const button = form.querySelector("button");
  const error = form.querySelector(".error");

  const almost = form.querySelector(".almost");

  // one person under two spellings would be two annotators who agree with themselves
  const ask = (known, body) => {
    button.disabled = false;
    almost.hidden = false;
    almost.querySelector("span").textContent = t("“{name}” works here already.", { name: known });
    const yes = almost.querySelector(".yes"), no = almost.querySelector(".no");
    yes.textContent = t("I am {name}", { name: known });
    yes.onclick = () => send({ ...body, sure: true });
    no.onclick = () => {
      almost.hidden = true;
      error.textContent = t("Add something that tells you apart, as the first letter of a second name.");
      input.focus();
    };
    yes.focus();
  };
  const send = async (body) => {
    button.disabled = true;
    error.textContent = "";
    almost.hidden = true;
    try {
      await postJson(data.url, body);
      goOn(data);
    } catch (reason) {
      if (reason.answer?.known) { ask(reason.answer.known, body); return; }
      error.textContent = reason.message;
      button.disabled = false;
      input.focus();
    }
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (input.value.trim()) send({ name: input.value });
    else { error.textContent = t("Type your name first."); input.focus(); }
  };
  form.classList.toggle("ticket", Boolean(data.ticket));
  if (data.ticket && !form.dataset.sent) {
    form.dataset.sent = "yes";
    send({ ticket: data.ticket });
  } else {
    input.focus();
  }
}
