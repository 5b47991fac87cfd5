using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What containers may do does not contradict itself: Kubernetes would refuse the pods, some only when they start.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/configure-pod-container/security-context/</remarks>
internal static partial class SecurityRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<Workload>())
        {
            var pod = workload.Security ?? new PodSecurity();
            if (pod.SeccompProfile is not (null or "RuntimeDefault" or "Unconfined"))
                Report($"The seccomp profile of '{workload.Name}' is '{pod.SeccompProfile}'; RuntimeDefault and Unconfined are possible.", workload.Location);
            foreach (var (what, id) in new[] { ("user", pod.RunAsUser), ("group", pod.RunAsGroup), ("group of files", pod.FsGroup) })
                if (id is < 0 or > int.MaxValue)
                    Report($"The {what} of '{workload.Name}' is {id}, which is none.", workload.Location);
            foreach (var container in workload.AllContainers)
                CheckContainer(pod, container.Security ?? new ContainerSecurity(), container);
        }

        void CheckContainer(PodSecurity pod, ContainerSecurity security, Container container)
        {
            if (security.RunAsUser is < 0 or > int.MaxValue)
                Report($"The user of the container '{container.Name}' is {security.RunAsUser}, which is none.", container.Location);
            if ((security.RunAsNonRoot ?? pod.RunAsNonRoot) == true && (security.RunAsUser ?? pod.RunAsUser) == 0)
                Report($"The container '{container.Name}' runs as user 0, which is root, and must not run as root.", container.Location);
            if (security is { Privileged: true, AllowPrivilegeEscalation: false })
                Report($"The container '{container.Name}' is privileged, and must not gain privileges.", container.Location);
            foreach (var capability in (security.AddCapabilities ?? []).Concat(security.DropCapabilities ?? []))
                if (!Capability().IsMatch(capability))
                    Report($"'{capability}' of the container '{container.Name}' is not a capability: they are written like NET_BIND_SERVICE, or ALL.", container.Location);
        }

        void Report(string cause, SourceLocation? place) => diagnostics.Add(DiagnosticDescriptors.InvalidSetting, cause, place);
    }

    [GeneratedRegex(@"\A(?!CAP_)[A-Z][A-Z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Capability();
}
