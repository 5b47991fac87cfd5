namespace KubeApps.Actions.Tests;

/// <summary>A small repository without a mistake, and every mistake that the checkers must find when it is planted there.</summary>
public static class PlantedMistakes
{
    private const string Greet = "actions/greet/action.yml";
    private const string Hello = "actions/hello/action.yml";
    private const string Caller = ".github/workflows/caller.yml";
    private const string Called = ".github/workflows/called.yml";

    internal sealed record Mistake(string Name, string File, string Instead, string Planted, string Checker);

    internal static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        [Greet] = """
            name: Greet
            description: Says hello
            inputs:
              name:
                description: Whom
                required: true
            outputs:
              greeting:
                description: What was said
                value: ${{ steps.greet.outputs.greeting }}
            runs:
              using: composite
              steps:
                - id: greet
                  shell: bash
                  env:
                    NAME: ${{ inputs.name }}
                  run: echo "greeting=Hello, $NAME" >> "$GITHUB_OUTPUT"
            """,
        [Hello] = """
            # permissions:
            #   deployments: write
            name: Hello
            description: Greets the world
            inputs:
              whom:
                description: Whom else. It needs the permission to read `issues`.
            outputs:
              said:
                description: What was said
                value: ${{ steps.world.outputs.greeting }}
            runs:
              using: composite
              steps:
                - id: world
                  uses: ./actions/greet
                  with:
                    name: world
                - uses: actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5
                  if: steps.world.outputs.greeting != ''
                  with:
                    path: x
                    key: y
            """,
        [Called] = """
            name: called
            on:
              workflow_call:
                inputs:
                  title:
                    type: string
                    required: true
                  fast:
                    type: boolean
                    default: false
                  count:
                    type: number
                    default: 1
                secrets:
                  key:
                    required: true
                outputs:
                  said:
                    value: ${{ jobs.say.outputs.said }}
            permissions:
              contents: read
            jobs:
              say:
                runs-on: ubuntu-latest
                permissions:
                  contents: read
                  deployments: write
                outputs:
                  said: ${{ steps.hello.outputs.said }}
                steps:
                  - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
                    with:
                      persist-credentials: false
                  - id: hello
                    uses: ./actions/hello
                  - env:
                      TITLE: ${{ inputs.title }}
                      FAST: ${{ inputs.fast }}
                    run: echo "$TITLE" "$FAST"
            """,
        [Caller] = """
            name: caller
            on:
              push:
                branches: [main]
            permissions:
              contents: read
            concurrency:
              group: one
            jobs:
              first:
                uses: ./.github/workflows/called.yml
                permissions:
                  contents: read
                  deployments: write
                with:
                  title: Hello
                  fast: true
                  count: 3
                secrets:
                  key: ${{ secrets.KEY }}
              second:
                needs: first
                runs-on: ubuntu-latest
                steps:
                  - env:
                      SAID: ${{ needs.first.outputs.said }}
                    run: echo "$SAID"
            """,
    };

    internal static IReadOnlyList<Mistake> All { get; } =
    [
        new("a step that is not there, in an output", Greet, "steps.greet.outputs", "steps.gret.outputs", "unknown-step"),
        new("a step that is not there, in a condition", Hello, "if: steps.world.", "if: steps.wold.", "unknown-step"),
        new("a step that comes later", Hello, "    name: world\n", "    name: ${{ steps.later.outputs.x }}\n    - id: later\n      shell: bash\n      run: echo\n", "unknown-step"),
        new("an input that is not there", Greet, "inputs.name", "inputs.nam", "unknown-input"),
        new("an input that is not there, by index", Greet, "inputs.name", "inputs['nam']", "unknown-input"),
        new("an input of a reusable workflow that is not there", Called, "inputs.title", "inputs.titel", "unknown-input"),
        new("an output that a local action does not have", Hello, "world.outputs.greeting }}", "world.outputs.greting }}", "unknown-output"),
        new("an output that a local action does not have, in a workflow", Called, "hello.outputs.said", "hello.outputs.sad", "unknown-output"),
        new("an output that a called workflow does not have", Caller, "needs.first.outputs.said", "needs.first.outputs.sad", "unknown-output"),
        new("a job that is not waited for", Caller, "    needs: first\n", "", "unknown-job"),
        new("an input that a local action does not have", Hello, "        name: world\n", "        name: world\n        nam: x\n", "languageservice"),
        new("an input that a local action needs", Hello, "      with:\n        name: world\n", "", "languageservice"),
        new("an input that a foreign action does not have", Hello, "        key: y", "        kee: y", "languageservice"),
        new("an input that a foreign action does not have, in a workflow", Called, "persist-credentials: false", "persist-credentials: false\n          reff: x", "languageservice"),
        new("an input that a called workflow does not have", Caller, "count: 3", "cont: 3", "workflow-inputs"),
        new("an input that a called workflow needs", Caller, "      title: Hello\n", "", "workflow-inputs"),
        new("a text for a boolean", Caller, "fast: true", "fast: quick", "workflow-inputs"),
        new("a quoted boolean for a boolean", Caller, "fast: true", "fast: 'true'", "workflow-inputs"),
        new("a boolean for a number", Caller, "count: 3", "count: false", "workflow-inputs"),
        new("a secret that a called workflow needs", Caller, "    secrets:\n      key: ${{ secrets.KEY }}\n", "", "workflow-secrets"),
        new("a secret that a called workflow does not have", Caller, "      key: ${{", "      kee: ${{", "workflow-secrets"),
        new("a workflow that is not there", Caller, "called.yml", "caled.yml", "unknown-workflow"),
        new("a caller that grants less than is needed", Caller, "deployments: write", "deployments: read", "permissions-needed"),
        new("a caller that grants nothing of what is needed", Caller, "    permissions:\n      contents: read\n      deployments: write\n", "", "permissions-needed"),
        new("a job that grants less than its action needs with an input", Called, "      - id: hello\n        uses: ./actions/hello\n", "      - id: hello\n        uses: ./actions/hello\n        with:\n          whom: you\n", "permissions-needed"),
        new("a job that grants less than its action needs", Called, "deployments: write", "deployments: read", "permissions-needed"),
        new("all secrets handed over", Caller, "    secrets:\n      key: ${{ secrets.KEY }}\n", "    secrets: inherit\n", "secrets-inherit"),
        new("an input in a script", Greet, "Hello, $NAME", "Hello, ${{ inputs.name }}", "script-expression"),
        new("what an event says in a script", Caller, "run: echo \"$SAID\"", "run: echo \"${{ github.event.head_commit.message }}\"", "script-expression"),
        new("what an event says in a script, to actionlint", Caller, "run: echo \"$SAID\"", "run: echo \"${{ github.event.head_commit.message }}\"", "actionlint"),
        new("the name of a branch in a script", Caller, "run: echo \"$SAID\"", "run: echo \"${{ github.head_ref }}\"", "script-expression"),
        new("an unquoted variable in a script", Greet, "\"$GITHUB_OUTPUT\"", "$GITHUB_OUTPUT", "shellcheck"),
        new("a version in place of a commit", Hello, "27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5", "v5", "unpinned"),
        new("a branch in place of a commit, for a workflow", Caller, "./.github/workflows/called.yml", "other/repository/.github/workflows/called.yml@main", "unpinned"),
        new("a commit that nobody looked at", Hello, "27d5ce7f", "37d5ce7f", "unpinned"),
        new("a commit without its version", Hello, " # v5.0.5", "", "unpinned"),
        new("a commit with another version", Hello, " # v5.0.5", " # v4.0.0", "unpinned"),
        new("a checkout that keeps its token", Called, "persist-credentials: false", "fetch-depth: 0", "kept-credentials"),
        new("no permissions", Caller, "permissions:\n  contents: read\nconcurrency", "concurrency", "permissions-missing"),
        new("all permissions", Caller, "permissions:\n  contents: read\nconcurrency", "permissions: write-all\nconcurrency", "permissions-missing"),
        new("an event that trusts strangers", Caller, "  push:\n    branches: [main]", "  pull_request_target:", "untrusted-event"),
        new("an event that follows what strangers started", Caller, "  push:\n    branches: [main]", "  workflow_run:\n    workflows: [ci]", "untrusted-event"),
        new("a tool out of the cache beside a cluster", Called, "      - id: hello\n", "      - uses: ./actions/setup\n      - uses: ./actions/connect\n      - id: hello\n", "cached-tool"),
        new("a type for an input of an action", Greet, "    required: true", "    required: true\n    type: string", "action-validator"),
        new("an output without a value", Greet, "    value: ${{ steps.greet.outputs.greeting }}\n", "", "action-validator"),
        new("a step without a shell", Greet, "      shell: bash\n", "", "languageservice"),
        new("a key that is none", Called, "    runs-on: ubuntu-latest", "    runs-on: ubuntu-latest\n    time-out: 5", "languageservice"),
        new("an expression that is none", Called, "${{ inputs.fast }}", "${{ inputs.fast && }}", "languageservice"),
        new("a runner that is none", Caller, "runs-on: ubuntu-latest", "runs-on: ubuntu-lates", "actionlint"),
        new("a command that is gone", Caller, "run: echo \"$SAID\"", "run: echo \"::set-output name=said::$SAID\"", "actionlint"),
        new("a permission that is none", Caller, "deployments: write", "deployments: all", "languageservice"),
    ];
}
