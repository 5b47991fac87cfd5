// GitHub's packages import JSON without saying so, as a bundler allows; Node.js does not.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";

export async function load(url, context, nextLoad) {
  return url.endsWith(".json")
    ? { format: "module", shortCircuit: true, source: `export default ${await readFile(fileURLToPath(url), "utf8")}` }
    : nextLoad(url, context);
}

export const install = () => register(import.meta.url);
