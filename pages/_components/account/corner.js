// The header's right: who works here, in which workspace, and the way out.
export default function ({ parentElement, data }) {
  useWords(data.words);
  translate(parentElement.querySelector(".corner"));
  chooseLanguage(parentElement, data);
  const account = parentElement.querySelector(".account"), workspace = parentElement.querySelector(".workspace");
  const find = (selector) => account.querySelector(selector);
  const out = find(".leave"), error = find(".error");
  workspace.querySelector("b").textContent = data.workspace;
  workspace.title = t("The workspace: the folder with this data set");
  workspace.hidden = Boolean(data.workspaces);
  find(".name").textContent = data.name;
  find(".full-name").textContent = data.name;
  find(".folder").textContent = data.folder;
  out.hidden = !data.can_leave;
  find(".tokens").href = data.tokens;
  find(".words").href = data.words_page;

  out.onclick = async () => {
    try {
      await askJson(data.sign_out, { method: "POST" });
      window.location.assign(data.after || window.location.href);
    } catch (reason) {
      error.textContent = t("Signing out failed: {why}", { why: reason.message });
    }
  };
  const ends = [dropDown(account), workspaceSwitcher(parentElement.querySelector(".places"), data)];
  return () => ends.forEach((end) => end());
}
