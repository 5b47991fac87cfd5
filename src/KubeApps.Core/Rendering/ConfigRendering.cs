using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class ConfigRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var config in context.App.All<Config>())
            context.Add(
                Object(
                    ("apiVersion", "v1"),
                    ("kind", "ConfigMap"),
                    ("metadata", context.Metadata(config.Name)),
                    ("immutable", true),
                    ("data", Map(config.Values))),
                part: config);
    }
}
