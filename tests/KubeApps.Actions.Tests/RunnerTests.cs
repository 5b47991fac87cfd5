using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>What executes the actions in these tests does as GitHub's runner does.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly Runner _runner = new();

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task Run_FailedStep_SkipsTheRestButThoseThatAlwaysRun()
    {
        var run = await RunAsync("""
            - id: fails
              shell: bash
              run: |
                echo "said=before" >> "$GITHUB_OUTPUT"
                false
                echo "said=after" >> "$GITHUB_OUTPUT"
            - id: next
              shell: bash
              run: echo next
            - id: always
              if: always()
              shell: bash
              env:
                OUTCOME: ${{ steps.fails.outcome }}
              run: echo "said=$OUTCOME" >> "$GITHUB_OUTPUT"
            - id: failure
              if: failure() && steps.fails.outputs.said == 'before'
              shell: bash
              run: echo x
            """, "${{ steps.fails.outputs.said }} ${{ steps.always.outputs.said }}");

        Assert.Equal(("failure", "before failure"), (run.Outcome, run.Outputs["said"]));
        Assert.Equal(["failure", "skipped", "success", "success"], run.Steps.Select(step => step.Outcome));
    }

    [Fact]
    public async Task Run_StepThatMayFail_GoesOn()
    {
        var run = await RunAsync("""
            - id: fails
              continue-on-error: true
              shell: bash
              run: exit 3
            - id: next
              shell: bash
              run: echo next
            """);

        Assert.Equal("success", run.Outcome);
        Assert.Equal([("failure", "success"), ("success", "success")], run.Steps.Select(step => (step.Outcome, step.Conclusion)));
    }

    [Fact]
    public async Task Run_CommandFiles_AreReadAsWritten()
    {
        var run = await RunAsync("""
            - id: writes
              shell: bash
              run: |
                printf 'said<<END\none\ntwo=2\nEND\n' >> "$GITHUB_OUTPUT"
                echo "WORD=from before" >> "$GITHUB_ENV"
                mkdir -p "$RUNNER_TEMP/bin" && printf '#!/bin/sh\necho found' > "$RUNNER_TEMP/bin/tool-of-before" && chmod +x "$RUNNER_TEMP/bin/tool-of-before"
                echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
                echo "# Done" >> "$GITHUB_STEP_SUMMARY"
                echo "::add-mask::hush"
            - id: reads
              shell: bash
              run: |
                echo "$WORD $(tool-of-before) hush ${{ env.WORD }}"
            """, "${{ steps.writes.outputs.said }}");

        Assert.Equal(("success", "one\ntwo=2", "# Done\n"), (run.Outcome, run.Outputs["said"], run.Summary));
        Assert.Equal("from before found *** from before\n", run["reads"].Log);
    }

    [Fact]
    public async Task Run_ExpressionInAScript_IsTheInjectionThatTheTestsLookFor()
    {
        var run = await RunAsync("""
            - shell: bash
              run: echo "${{ inputs.word }}"
            """, input: "$(echo injected)");

        Assert.Equal("injected\n", run.Log);
    }

    [Fact]
    public async Task Run_ActionsOfOthers_AreReplacedAndOurOwnAreRun()
    {
        _runner.Foreign["actions/cache"] = new() { ["cache-hit"] = "true" };
        _runner.Write("inner", """
            name: inner
            description: d
            inputs: {a: {description: d, default: x}, b: {description: d}}
            outputs: {both: {description: d, value: '${{ inputs.a }}${{ inputs.b }}'}}
            runs: {using: composite, steps: [{shell: bash, run: 'true'}]}
            """);

        var run = await RunAsync("""
            - id: cache
              uses: actions/cache@v5
              with: {path: a b, key: '${{ inputs.word }}'}
            - id: inner
              if: steps.cache.outputs.cache-hit == 'true'
              uses: ./inner
              with: {b: 'y'}
            """, "${{ steps.inner.outputs.both }}", input: "k");

        Assert.Equal("xy", run.Outputs["said"]);
        Assert.Equal("actions/cache@v5", run["cache"].Replaced);
        Assert.Equal([KeyValuePair.Create("path", "a b"), KeyValuePair.Create("key", "k")], run["cache"].Given!);
    }

    [Fact]
    public async Task Run_Cancelled_InterruptsTheProcessOfTheStepAndRunsWhatAlwaysRuns()
    {
        var run = await RunAsync("""
            - id: works
              shell: bash
              run: |
                trap 'echo "said=interrupted" >> "$GITHUB_OUTPUT"; exit 130' INT
                echo started
                while true; do read -r -t 0.05 <> <(:) || true; done
            - id: next
              shell: bash
              run: echo next
            - id: always
              if: always()
              shell: bash
              run: echo "last"
            """, "${{ steps.works.outputs.said }}", cancelOn: ("works", "started"));

        Assert.Equal(("cancelled", "interrupted"), (run.Outcome, run.Outputs["said"]));
        Assert.Equal(["cancelled", "skipped", "success"], run.Steps.Select(step => step.Outcome));
    }

    private Task<ActionRun> RunAsync(string steps, string said = "", string input = "", (string, string)? cancelOn = null)
    {
        _runner.Write("tested", $$"""
            name: tested
            description: d
            inputs:
              word:
                description: d
            outputs:
              said:
                description: d
                value: "{{said}}"
            runs:
              using: composite
              steps:
                {{steps.ReplaceLineEndings("\n    ")}}
            """);
        return _runner.RunAsync("tested", new Dictionary<string, string> { ["word"] = input }, cancelOn);
    }
}
