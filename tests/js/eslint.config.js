// The rules for the scripts in pages/ (as joined: lint.js) and for the tests here.
import js from "@eslint/js"
import globals from "globals"

const rules = {
  ...js.configs.recommended.rules,
  complexity: ["error", 12], // as in Python
  eqeqeq: ["error", "always"],
  "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
  "max-len": ["error", { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true }], // as in Python
  "no-undef": "error",
  "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_", caughtErrors: "all" }],
  "no-var": "error",
  "prefer-const": "error",
}

export default [
  {
    ignores: ["node_modules/"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    rules,
  },
  { files: ["joined/**"], languageOptions: { globals: globals.browser } },
  {
    files: ["**/*.js"],
    ignores: ["joined/**"],
    languageOptions: { globals: globals.node },
    rules: { "max-lines-per-function": "off" }, // a `describe` is one function
  },
]
