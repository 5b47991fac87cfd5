using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class SecurityRendering
{
    public static JsonObject? Pod(PodSecurity? security) => security is null ? null : ObjectOrNull(
        ("runAsNonRoot", security.RunAsNonRoot),
        ("runAsUser", security.RunAsUser),
        ("runAsGroup", security.RunAsGroup),
        ("fsGroup", security.FsGroup),
        ("seccompProfile", security.SeccompProfile is { } profile ? Object(("type", profile)) : null));

    public static JsonObject? Container(ContainerSecurity? security) => security is null ? null : ObjectOrNull(
        ("allowPrivilegeEscalation", security.AllowPrivilegeEscalation),
        ("privileged", security.Privileged),
        ("readOnlyRootFilesystem", security.ReadOnlyRootFilesystem),
        ("runAsNonRoot", security.RunAsNonRoot),
        ("runAsUser", security.RunAsUser),
        ("capabilities", ObjectOrNull(
            ("drop", List(security.DropCapabilities ?? [])),
            ("add", List(security.AddCapabilities ?? [])))));
}
