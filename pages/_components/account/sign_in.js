// A Streamlit form cannot set an HttpOnly cookie: this one posts the name to the sign-in route and reloads the page.
export default function ({ parentElement, data }) {
  const form = parentElement.querySelector("form");
  useWords(data.words);
  translate(form);
  chooseLanguage(parentElement, data);
  const input = form.querySelector("input");
  const button = form.querySelector("button");
  const error = form.querySelector(".error");

  const send = async (body) => {
    button.disabled = true;
    error.textContent = "";
    try {
      await postJson(data.url, body);
      window.location.reload();
    } catch (reason) {
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
