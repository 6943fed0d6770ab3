// One app a component's element, over Streamlit's calls of the default export: it calls on every change of `data`, and
// the clean-up of an older call must not take down what a newer one shows.

const apps = new WeakMap() // parentElement -> its app

/** Show `data` in the app of `parentElement`; `build` makes one where there is none for this root and queue. */
function showInApp(parentElement, root, queue, build, update) {
  let app = apps.get(parentElement)
  if (app && (app.root !== root || app.queue !== queue)) {
    app.dispose()
    app = null
  }
  if (!app) {
    app = build()
    apps.set(parentElement, app)
  }
  update(app)
  const call = (app.calls = (app.calls ?? 0) + 1)
  return () => {
    if (app.calls !== call) return
    app.dispose()
    apps.delete(parentElement)
  }
}
