using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// Pods that run on AWS Fargate, without machines of one's own: those of the app's namespace that have certain labels. Its processors are amd64; daemon
/// sets, privileged containers and the claims of stateful sets are not possible there.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html"/>
public sealed class FargateProfile : AppPart
{
    [JsonConstructor]
    internal FargateProfile()
    {
    }

    /// <summary>A profile.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public FargateProfile(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>The workloads whose pods run there. Empty: all of the app.</summary>
    public List<string> Workloads { get; set; } = [];
}
