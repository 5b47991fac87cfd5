using KubeApps.Deploy.Fleet;

namespace KubeApps.Deploy.Tests.Fleet;

/// <summary>The order of a fleet, as a pure function of how far each is.</summary>
public sealed class FleetOrderTests
{
    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 1 })]
    [InlineData(5, new[] { 1, 1, 3 })]
    [InlineData(60, new[] { 1, 6, 53 })]
    [InlineData(61, new[] { 1, 7, 53 })]
    public void Sizes_OfACanary_AreOneThenATenthThenTheRest(int count, int[] expected) =>
        Assert.Equal(expected, new FleetOrder { Waves = FleetOrder.Canary }.Sizes(count));

    [Fact]
    public void Numbers_OfACanary_SayTheWaveOfEach() => Assert.Equal([1, 2, 3, 3, 3], new FleetOrder { Waves = FleetOrder.Canary }.Numbers(5));

    [Fact]
    public void Sizes_WithoutWaves_AreAllAtOnce() => Assert.Equal([7], new FleetOrder().Sizes(7));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1,")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("1, 2")]
    [InlineData("ten")]
    public void Parse_OfWhatIsNoWave_SaysSo(string text) => Assert.Null(FleetWave.Parse(text));

    [Fact]
    public void Parse_OfNumbersAndShares_KeepsTheirOrder() => Assert.Equal(FleetOrder.Canary, FleetWave.Parse("1,10%"));

    // Whoever ends when, and however: the rules hold at every moment.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Next_WhateverEndsWhen_KeepsWavesAndLimitsAndStops(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 100; run++)
        {
            var order = new FleetOrder
            {
                Waves = random.Next(2) == 0 ? FleetOrder.Canary : [new(random.Next(1, 5), false), new(random.Next(1, 101), true)],
                Parallel = random.Next(1, 6),
                MostFailures = random.Next(3) == 0 ? null : random.Next(1, 4),
            };
            var states = new FleetItemState[random.Next(0, 40)];
            var waveOf = order.Sizes(states.Length).SelectMany((size, wave) => Enumerable.Repeat(wave, size)).ToList();
            Assert.Equal(states.Length, waveOf.Count);
            while (true)
            {
                foreach (var index in order.Next(states))
                {
                    Assert.Equal(FleetItemState.Waiting, states[index]);
                    Assert.False(order.HasStopped(states));
                    Assert.All(Enumerable.Range(0, states.Length).Where(other => waveOf[other] < waveOf[index]), other => Assert.True(states[other] is FleetItemState.Done or FleetItemState.Failed));
                    states[index] = FleetItemState.Running;
                }

                var running = Enumerable.Range(0, states.Length).Where(index => states[index] == FleetItemState.Running).ToList();
                Assert.True(running.Count <= order.Parallel);
                if (running.Count == 0)
                    break;
                states[running[random.Next(running.Count)]] = random.Next(5) == 0 ? FleetItemState.Failed : FleetItemState.Done;
            }

            // It ends, and nobody is forgotten.
            Assert.True(order.HasStopped(states) || states.All(state => state is FleetItemState.Done or FleetItemState.Failed));
        }
    }
}
