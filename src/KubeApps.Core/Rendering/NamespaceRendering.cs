using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class NamespaceRendering
{
    public static void Render(RenderContext context)
    {
        if (context.App.CreateNamespace)
            context.Add(Object(
                ("apiVersion", "v1"),
                ("kind", "Namespace"),
                ("metadata", context.Metadata(context.App.Namespace, isNamespaced: false))));
    }
}
