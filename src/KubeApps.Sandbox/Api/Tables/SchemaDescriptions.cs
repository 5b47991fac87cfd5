namespace KubeApps.Sandbox.Api.Tables;

/// <summary>What the API's schema says about a field.</summary>
internal static class SchemaDescriptions
{
    public static string Of(ResourceType type, string field) => $"{type.Kind}.{field}";
}
