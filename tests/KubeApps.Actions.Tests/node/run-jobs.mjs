// Says which jobs of a workflow, and of those that it calls, run for an event, and with what: GitHub's own expressions decide. No step is executed.
//
// stdin:  {"files": {PATH: TEXT}, "workflow": PATH, "runs": [{"github": {}, "vars": {}, "results": {JOB: RESULT}, "outputs": {JOB: {OUTPUT: VALUE}}}]}
// stdout: for each run null where the event does not trigger it, else [{"job", "result", "permissions", "environment", "deployment", "concurrency": [{"group", "cancels"}]}, …]
//
// A job succeeds unless "results" says otherwise. What it hands on is what "outputs" says, else its name and that of the output, between angle brackets.
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { install } from "./json-imports.mjs";

install();
const { evaluate, fromData, isTrue } = await import("./expressions.mjs");

const { files, workflow, runs } = JSON.parse(await text(process.stdin));
const never = { success: true, failure: false, cancelled: false };
const list = value => value === undefined ? [] : Array.isArray(value) ? value : [value];

/** A value of YAML with its expressions evaluated: alone, an expression keeps its type. */
function valueOf(value, contexts) {
  if (Array.isArray(value)) return value.map(item => valueOf(item, contexts));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(item, contexts)]));
  if (typeof value !== "string") return value;
  const alone = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value.trim());
  if (alone) return fromData(evaluate(alone[1], contexts, never));
  return value.replace(/\$\{\{(.*?)\}\}/gs, (_, expression) => evaluate(expression, contexts, never).coerceString());
}

function isTriggered(on, github) {
  const events = typeof on === "string" || Array.isArray(on) ? Object.fromEntries(list(on).map(name => [name, null])) : on;
  if (!(github.event_name in events)) return false;
  const filter = events[github.event_name] ?? {};
  return (!filter.types || filter.types.includes(github.event.action)) && (!filter.branches || filter.branches.includes(github.ref_name));
}

function isDue(condition, contexts, ancestors, isCancelled) {
  const expression = String(condition ?? "success()").trim().replace(/^\$\{\{(.*)\}\}$/s, "$1");
  const whole = /\b(success|failure|cancelled|always)\s*\(/.test(expression) ? expression : `success() && (${expression})`;
  const status = { success: !isCancelled && ancestors.every(result => result === "success"), failure: ancestors.includes("failure"), cancelled: isCancelled };
  return isTrue(evaluate(whole, contexts, status));
}

const resultOf = results => ["failure", "cancelled"].find(bad => results.includes(bad)) ?? (results.every(result => result === "skipped") ? "skipped" : "success");

function run(path, prefix, given, granted, within, wish) {
  const { jobs, on, permissions, concurrency } = parse(files[path]);
  const declared = on?.workflow_call?.inputs ?? {};
  const inputs = Object.fromEntries(Object.entries(declared).map(([name, input]) => [name, given[name] ?? input.default ?? (input.type === "boolean" ? false : "")]));
  const base = { github: wish.github, vars: wish.vars ?? {}, inputs };
  const group = (value, contexts) => value === undefined ? [] : [typeof value === "string" ? { group: valueOf(value, contexts), cancels: false }
    : { group: valueOf(value.group, contexts), cancels: valueOf(value["cancel-in-progress"] ?? false, contexts) }];
  const all = [...within, ...group(concurrency, base)];
  const done = {}, ancestorsOf = {}, told = [];
  const waiting = new Map(Object.entries(jobs));
  while (waiting.size > 0) {
    const [id, job] = [...waiting].find(([, candidate]) => list(candidate.needs).every(name => name in done)) ?? (() => { throw new Error("Jobs need each other."); })();
    waiting.delete(id);
    const needs = list(job.needs);
    ancestorsOf[id] = [...new Set(needs.flatMap(name => [name, ...ancestorsOf[name]]))];
    const name = prefix + id;
    const contexts = { ...base, needs: Object.fromEntries(needs.map(need => [need, done[need]])) };
    const rights = job.permissions ?? permissions ?? granted;
    if (!isDue(job.if, contexts, ancestorsOf[id].map(other => done[other].result), false)) {
      done[id] = { result: "skipped", outputs: {} };
      if (!job.uses) told.push({ job: name, result: "skipped" });
      continue;
    }
    const matrix = valueOf(job.strategy?.matrix, contexts);
    const variants = matrix ? Object.entries(matrix).reduce((rows, [key, values]) => rows.flatMap(row => values.map(value => ({ ...row, [key]: value }))), [{}]) : [undefined];
    const shown = value => typeof value === "object" ? Object.values(value).map(shown).join(", ") : value;
    const nameOf = variant => variant === undefined ? name : `${name} (${shown(variant)})`;
    if (job.uses) {
      const inner = variants.map(variant => {
        const own = variant === undefined ? contexts : { ...contexts, matrix: variant };
        return run(job.uses.replace(/^[.$]\//, ""), `${nameOf(variant)}/`, valueOf(job.with ?? {}, own), rights, [...all, ...group(job.concurrency, own)], wish);
      });
      told.push(...inner.flatMap(one => one.told));
      done[id] = { result: resultOf(inner.map(one => one.result)), outputs: Object.assign({}, ...inner.map(one => one.outputs)) };
      continue;
    }
    const results = variants.map(variant => {
      const own = variant === undefined ? contexts : { ...contexts, matrix: variant };
      const full = nameOf(variant);
      const environment = valueOf(job.environment, own);
      const result = wish.results?.[full] ?? "success";
      told.push({
        job: full, result, permissions: rights, environment: environment?.name ?? environment, deployment: environment?.deployment, concurrency: [...all, ...group(job.concurrency, own)],
      });
      return result;
    });
    done[id] = {
      result: resultOf(results),
      outputs: Object.fromEntries(Object.keys(job.outputs ?? {}).map(output => [output, wish.outputs?.[name]?.[output] ?? `<${name}.${output}>`])),
    };
  }
  const results = Object.values(done).map(item => item.result);
  return {
    told,
    result: resultOf(results),
    outputs: Object.fromEntries(Object.entries(on?.workflow_call?.outputs ?? {}).map(([name, output]) => [name, valueOf(output.value, { ...base, jobs: done })])),
  };
}

process.stdout.write(JSON.stringify(runs.map(wish => isTriggered(parse(files[workflow]).on, wish.github) ? run(workflow, "", {}, {}, [], wish).told : null)));
