using CsCheck;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Planning;

public class RolloutJsonTests
{
    private static readonly Gen<string> AnyName = Gen.String[Gen.Char['a', 'z'], 1, 8];
    private static readonly Gen<Slot?> AnySlot = Gen.Enum<Slot>().Select(slot => (Slot?)slot);
    private static readonly Gen<ObjectId> AnyId = Gen.Select(AnyName, Gen.Bool, (name, isNamespaced) => new ObjectId("apps/v1", "Deployment", isNamespaced ? "shop" : null, name));
    private static readonly Gen<Selector> AnySelector = Gen.Dictionary(AnyName, Gen.String)[1, 3].Select(labels => new Selector(labels));

    private static readonly Gen<ServiceSwitch> AnySwitch = Gen.Select(AnyId, AnySelector.Null(), AnySelector.Null(), AnySelector, AnySelector, AnyName.Null(),
        (id, before, from, to, after, pinned) => new ServiceSwitch(id, before, from, to, after, pinned));

    private static readonly Gen<Rollout> AnyRollout = Gen.Select(
        Gen.Select(Gen.Enum<RolloutPhase>(), AnySlot, AnySlot, Gen.Long[0, 1L << 41], Gen.Int[0, 100_000]),
        Gen.Select(AnySwitch.List[0, 3], AnyId.List[0, 3], AnyId.List[0, 3], AnyId.List[0, 3]),
        Gen.Select(AnyName, Gen.String, AnyName.List[0, 3]).List[0, 2],
        Gen.Select(AnyName, AnyName.Null(), Gen.Int[1, 99], Gen.Bool),
        (state, objects, pods, former) => new Rollout(state.Item1, state.Item2, state.Item3, DateTimeOffset.FromUnixTimeMilliseconds(state.Item4))
        {
            KeepOld = TimeSpan.FromSeconds(state.Item5),
            Services = objects.Item1,
            Workloads = objects.Item2,
            Added = objects.Item3,
            Retired = objects.Item4,
            Changed = objects.Item2,
            Checked = [.. pods.Select(item => new CheckedPods(item.Item1, item.Item2, item.Item3))],
            Former = former.Item4 ? new FormerRelease(former.Item1, former.Item2, former.Item3, DateTimeOffset.FromUnixTimeMilliseconds(state.Item4)) : null,
        });

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame() => AnyRollout.Sample(rollout =>
    {
        var read = RolloutJson.Read(RolloutJson.Write(rollout), "shop");

        Assert.Equivalent(rollout, read, strict: true);
        Assert.Equal(RolloutJson.Write(rollout), RolloutJson.Write(read!));
    });

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"phase":"teleporting","live":"blue"}""")]
    [InlineData("""{"phase":"1","live":"blue"}""")]
    [InlineData("""{"phase":"steady","live":"purple"}""")]
    [InlineData("""{"phase":"steady","live":["blue"]}""")]
    [InlineData("""{"phase":"steady","live":"blue","keepOldSeconds":"soon"}""")]
    [InlineData("""{"phase":"steady","live":"blue","keepOldSeconds":1e300}""")]
    [InlineData("""{"phase":"steady","live":"blue","added":[{}]}""")]
    [InlineData("""{"phase":"steady","live":"blue","added":[null]}""")]
    [InlineData("""{"phase":"steady","live":"blue","added":{"a":1}}""")]
    [InlineData("""{"phase":"switching","services":[{"id":{"apiVersion":"v1","kind":"Service","name":"web"}}]}""")]
    public void Read_OfWhatIsNotKnown_IsADiagnosticAndNoGuess(string text)
    {
        var refusal = Assert.Throws<DiagnosticException>(() => RolloutJson.Read(text, "shop"));

        Assert.Equal("KUBEAPP7041", Assert.Single(refusal.Diagnostics).Code);
        Assert.Contains("the inventory of shop", refusal.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfTextCutAnywhere_IsWholeOrADiagnostic() => Gen.Select(AnyRollout, Gen.Double[0, 1]).Sample((rollout, part) =>
    {
        var text = RolloutJson.Write(rollout);
        Assert.Throws<DiagnosticException>(() => RolloutJson.Read(text[..(int)(part * (text.Length - 1))], "shop"));
    });

    [Fact]
    public void Read_OfAnAppWithoutSlots_IsNothing() => Assert.Null(RolloutJson.Read(null, "shop"));
}
