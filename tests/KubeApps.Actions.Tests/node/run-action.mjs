// Runs a composite action as a runner does: GitHub's own parser and expressions, bash, and the files by which steps tell what came of them.
//
// stdin:  {"workspace": DIR, "temp": DIR, "action": DIR in the workspace, "inputs": {}, "env": {}, "github": {}, "foreign": {"OWNER/NAME": {OUTPUTS}},
//          "cancel": {"step": ID, "on": TEXT}}
// stdout: {"outcome", "outputs": {}, "steps": [{"name", "id", "outcome", "conclusion", "log", "replaced"}], "env": {}, "path": [], "summary"}
//
// The actions of others are not run: their outputs are those of "foreign", and the step says that it was replaced. "cancel" sends what a runner sends
// when a run is cancelled, to the process of that step, once its log has that text.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { install } from "./json-imports.mjs";

install();
const { evaluate: evaluateExpression, isTrue } = await import("./expressions.mjs");
const { isBasicExpression, isMapping, NoOperationTraceWriter } = await import("@actions/workflow-parser");
const { parseAction } = await import("@actions/workflow-parser/actions/action-parser");
const { ensureStatusFunction } = await import("@actions/workflow-parser/model/converter/if-condition");

const job = JSON.parse(await text(process.stdin));
const shared = { env: { ...job.env }, path: [], masks: [], summary: "", cancelled: false };

const evaluate = (expression, contexts, failed) =>
  evaluateExpression(expression, contexts, { cancelled: shared.cancelled, failure: failed && !shared.cancelled, success: !failed && !shared.cancelled });

const valueOf = (token, contexts, failed) =>
  token === undefined ? undefined : isBasicExpression(token) ? evaluate(token.expression, contexts, failed).coerceString() : token.toString();

const entries = token => token && isMapping(token) ? [...token].map(({ key, value }) => [key.toString(), value]) : [];
const find = (token, ...path) => path.reduce((node, name) => entries(node).find(([key]) => key === name)?.[1], token);

/** NAME=VALUE, or NAME<<END, the lines of the value, END. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
function readCommandFile(file) {
  const lines = readFileSync(file, "utf8").split(/\r?\n/);
  const values = {};
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === "") continue;
    const [, name, sign, rest] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? [];
    if (sign === undefined) throw new Error(`Invalid format '${line}'`);
    if (sign === "=") {
      values[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest);
    if (end < 0) throw new Error(`Matching delimiter not found '${rest}'`);
    values[name] = lines.splice(0, end + 1).slice(0, -1).join("\n");
  }
  return values;
}

const masked = log => shared.masks.reduce((shown, mask) => shown.replaceAll(mask, "***"), log);

async function runScript(step, contexts, failed, folder, result) {
  const temp = mkdtempSync(join(job.temp, "step-"));
  const file = name => { const path = join(temp, name); writeFileSync(path, ""); return path; };
  const [output, env, path, summary] = ["output", "env", "path", "summary"].map(file);
  const script = join(temp, "script.sh");
  writeFileSync(script, valueOf(find(step, "run"), contexts, failed));
  if (find(step, "shell").toString() !== "bash") throw new Error("Only bash is run here.");
  const variables = {
    ...shared.env,
    ...Object.fromEntries(entries(find(step, "env")).map(([name, value]) => [name, valueOf(value, contexts, failed)])),
    GITHUB_ACTIONS: "true", CI: "true", GITHUB_ACTION_PATH: folder, GITHUB_WORKSPACE: job.workspace, RUNNER_TEMP: job.temp,
    GITHUB_OUTPUT: output, GITHUB_ENV: env, GITHUB_PATH: path, GITHUB_STEP_SUMMARY: summary,
  };
  variables.PATH = [...shared.path.toReversed(), variables.PATH].join(delimiter);
  // A runner starts steps with signals as they are by default; who runs this may not.
  const child = spawn("env", ["--default-signal=INT,TERM", "bash", "--noprofile", "--norc", "-eo", "pipefail", script], { cwd: job.workspace, env: variables, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const cancels = job.cancel?.step === result.id ? job.cancel.on : undefined;
  const read = chunk => {
    log += chunk;
    if (cancels !== undefined && !shared.cancelled && log.includes(cancels)) {
      shared.cancelled = true;
      child.kill("SIGINT");
      // A runner waits for 7.5 and 10 seconds. What a tool does within them is tested where nothing else runs beside it.
      setTimeout(() => child.kill("SIGTERM"), 75000).unref();
      setTimeout(() => child.kill("SIGKILL"), 100000).unref();
    }
  };
  child.stdout.setEncoding("utf8").on("data", read);
  child.stderr.setEncoding("utf8").on("data", read);
  const [code] = await new Promise((resolve, reject) => child.on("error", reject).on("close", (...end) => resolve(end)));
  shared.masks.push(...[...log.matchAll(/^::add-mask::(.+)$/gm)].map(match => match[1]));
  result.log = log;
  result.exit = code;
  result.outputs = readCommandFile(output);
  Object.assign(shared.env, readCommandFile(env));
  shared.path.push(...readFileSync(path, "utf8").split("\n").filter(Boolean));
  shared.summary += readFileSync(summary, "utf8");
  return shared.cancelled && cancels !== undefined ? "cancelled" : code === 0 ? "success" : "failure";
}

async function runUses(step, contexts, failed, result) {
  const uses = find(step, "uses").toString();
  const given = Object.fromEntries(entries(find(step, "with")).map(([name, value]) => [name, valueOf(value, contexts, failed)]));
  if (/^[.$]\//.test(uses)) {
    const inner = await runAction(uses.slice(2), given);
    result.outputs = inner.outputs;
    return inner.outcome;
  }
  const answer = job.foreign?.[uses.split("@")[0]];
  if (answer === undefined) throw new Error(`'${uses}' is not run here: say what it answers.`);
  Object.assign(result, { replaced: uses, given, outputs: answer });
  return "success";
}

const steps = [];

async function runAction(path, given) {
  const folder = join(job.workspace, path);
  const name = `${path}/action.yml`;
  const parsed = parseAction({ name, content: readFileSync(join(folder, "action.yml"), "utf8") }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors();
  if (errors.length > 0) throw new Error(errors.map(error => error.message).join("\n"));
  const known = {};
  const contexts = { inputs: {}, github: { ...job.github, action_path: folder, workspace: job.workspace }, runner: { os: "Linux", arch: "X64", temp: job.temp }, steps: known, env: shared.env, job: { status: "success" } };
  for (const [input, definition] of entries(find(parsed.value, "inputs")))
    contexts.inputs[input] = given[input] ?? valueOf(find(definition, "default"), contexts) ?? "";
  let failed = false;
  for (const [index, step] of [...find(parsed.value, "runs", "steps")].entries()) {
    const id = find(step, "id")?.toString() ?? `__${index}`;
    const result = { name: valueOf(find(step, "name"), contexts) ?? id, id, action: path, outputs: {}, log: "" };
    steps.push(result);
    const condition = find(step, "if");
    const expression = condition === undefined ? "success()" : isBasicExpression(condition) ? condition.expression : ensureStatusFunction(condition.toString(), condition.definitionInfo);
    if (!isTrue(evaluate(expression, contexts, failed))) {
      result.outcome = result.conclusion = "skipped";
    } else {
      contexts.env = shared.env;
      result.outcome = find(step, "run") !== undefined ? await runScript(step, contexts, failed, folder, result) : await runUses(step, contexts, failed, result);
      const goesOn = valueOf(find(step, "continue-on-error"), contexts, failed) === "true";
      result.conclusion = result.outcome === "failure" && goesOn ? "success" : result.outcome;
      failed ||= result.conclusion === "failure";
    }
    known[id] = { outputs: result.outputs, outcome: result.outcome, conclusion: result.conclusion };
  }
  const outputs = Object.fromEntries(entries(find(parsed.value, "outputs")).map(([output, definition]) => [output, valueOf(find(definition, "value"), contexts) ?? ""]));
  return { outcome: shared.cancelled ? "cancelled" : failed ? "failure" : "success", outputs };
}

const { outcome, outputs } = await runAction(job.action, job.inputs ?? {});
for (const step of steps) step.log = masked(step.log);
process.stdout.write(JSON.stringify({ outcome, outputs, steps, env: shared.env, path: shared.path, summary: shared.summary }));
