namespace KubeApps.Diagnostics;

/// <summary>
/// The one table of diagnostics. The digit after KUBEAPP is the area: 0 usage and environment, 1 spec, 2 plan, 3 image, 4 manifest,
/// 5 apply, 6 verify and time-out, 7 switch and rollback, 8 cluster, 9 record. A test holds the table unique and documented.
/// One partial file for each area keeps them short.
/// </summary>
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor SpecDoesNotDefineApp = new(
        "KUBEAPP1001", "The specification holds no KubeApp", "Add one public class that derives from KubeApps.KubeApp to KubeApp.cs.");
}
