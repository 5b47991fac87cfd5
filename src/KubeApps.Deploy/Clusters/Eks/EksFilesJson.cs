using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Reads the files that this assembly carries.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EksPrices))]
[JsonSerializable(typeof(EksRolePolicy.Content))]
internal sealed partial class EksFilesJson : JsonSerializerContext;
