using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace KubeApps.Core.Tests;

/// <summary>What a specification can say stands in a sample, where people look first.</summary>
public sealed class SampleCoverageTests
{
    /// <summary>A probe over TLS needs a program with a certificate, which would be most of a sample. What it renders to is held by the snapshots of the kitchen sink.</summary>
    private static readonly string[] Without = ["Probe.useTls"];

    [Fact]
    public void Samples_Together_UseEverySettingOfTheModel()
    {
        SettingsOf seen = new();
        foreach (var (_, document) in SampleTests.Documents.Where(sample => sample.Key != "kitchen-sink"))
            foreach (var model in document.Environments)
                seen.Add(model);

        Assert.Equal(string.Join(", ", Without), string.Join(", ", seen.All.Except(seen.Used).Order(StringComparer.Ordinal)));
    }

    private sealed class SettingsOf
    {
        public HashSet<string> All { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Used { get; } = new(StringComparer.Ordinal);

        public void Add(object? value)
        {
            switch (value)
            {
                case null or string or JsonNode:
                    break;
                case IDictionary map:
                    foreach (var item in map.Values)
                        Add(item);
                    break;
                case IEnumerable list:
                    foreach (var item in list)
                        Add(item);
                    break;
                case var _ when SpecJson.Document.Options.GetTypeInfo(value.GetType()) is { Kind: JsonTypeInfoKind.Object } type:
                    AddProperties(value, type);
                    break;
            }
        }

        private void AddProperties(object value, JsonTypeInfo type)
        {
            var untouched = Activator.CreateInstance(value.GetType(), nonPublic: true);
            foreach (var property in type.Properties.Where(property => property.Get is not null))
            {
                // The files of a configuration are read when it is evaluated: what they hold stands in its values.
                var name = $"{((MemberInfo)property.AttributeProvider!).DeclaringType!.Name}.{property.Name}";
                var current = property.Get!(value);
                if (name != "Config.files")
                    All.Add(name);
                if (current is not ICollection { Count: 0 } && !Equals(current, property.Get(untouched!)))
                    Used.Add(name);
                Add(current);
            }
        }
    }
}
