// GitHub's own expressions, with values as JavaScript has them.
const { Lexer, Parser, Evaluator, data } = await import("@actions/expressions");

export const toData = value =>
  value === null || value === undefined ? new data.Null()
    : typeof value === "string" ? new data.StringData(value)
    : typeof value === "boolean" ? new data.BooleanData(value)
    : typeof value === "number" ? new data.NumberData(value)
    : Array.isArray(value) ? new data.Array(...value.map(toData))
    : new data.Dictionary(...Object.entries(value).map(([key, item]) => ({ key, value: toData(item) })));

export const fromData = value => JSON.parse(JSON.stringify(value, data.replacer));

/** What an expression comes to. `status` says what success(), failure() and cancelled() are. */
export function evaluate(expression, contexts, status) {
  const functions = new Map(Object.entries({ always: true, ...status })
    .map(([name, value]) => [name, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) }]));
  const { tokens } = new Lexer(expression).lex();
  return new Evaluator(new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse(), toData(contexts), functions).evaluate();
}

export const isTrue = value => value.kind === data.Kind.Boolean ? value.value : value.coerceString() !== "" && value.coerceString() !== "0";
