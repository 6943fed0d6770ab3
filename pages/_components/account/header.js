// The header: the pages' names, who works here, in which workspace, and the way out.
export default function ({ parentElement, data, setTriggerValue }) {
  useWords(data.words);
  translate(parentElement.querySelector(".header"));
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
  const nav = pageLinks(parentElement.querySelector("nav"), data, (path) => setTriggerValue("page", path));
  const ends = [nav, dropDown(account), workspaceSwitcher(parentElement.querySelector(".places"), data)];
  return () => ends.forEach((end) => end());
}
