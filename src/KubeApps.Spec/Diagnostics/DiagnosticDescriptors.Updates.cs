namespace KubeApps.Diagnostics;

// 7200 to 7229: full updates, a new cluster in place of the old one.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor UpdateUnderWay = new(
        "KUBEAPP7200", "A full update to another version is under way", "End it first: 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster'. Then deploy again.");

    public static readonly DiagnosticDescriptor UpdateStateUnreadable = new(
        "KUBEAPP7201", "The state of a full update cannot be read", "Use the version of the tool that began the update, or a newer one.");

    public static readonly DiagnosticDescriptor ClusterNotChosen = new(
        "KUBEAPP7202", "It cannot be told which of several clusters serves", "Delete those that are not needed with 'dotnet kubeapp cluster delete', until one is left.");

    public static readonly DiagnosticDescriptor UpdateFailed = new(
        "KUBEAPP7203", "The new version does not do in its new cluster", "Read the cause above, correct it, and deploy again: the new cluster is used again.");

    public static readonly DiagnosticDescriptor UpdateTakenBack = new(
        "KUBEAPP7204", "A full update was taken back", "Correct the cause and deploy again, or delete the new cluster with 'dotnet kubeapp abort --scope cluster'.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor UpdateNotTakenBack = new(
        "KUBEAPP7205", "A full update was not taken back", "Correct the cause and deploy again: the update goes on from where it stopped.");

    public static readonly DiagnosticDescriptor UpdateIsOneWay = new(
        "KUBEAPP7206", "A full update cannot be aborted after a one-way migration", "Go on with it: deploy a version that works, or 'dotnet kubeapp promote --scope cluster'.");

    public static readonly DiagnosticDescriptor StillArriving = new(
        "KUBEAPP7207", "Requests still arrive at the old cluster", "Look who holds on to its address or to old connections; then deploy again or run 'dotnet kubeapp promote --scope cluster': the old cluster stays until it is silent.");

    public static readonly DiagnosticDescriptor UpdateLeftSomething = new(
        "KUBEAPP7208", "A cluster that was deleted has left something", "Delete it with 'dotnet kubeapp cluster gc', or by hand: it may cost money.");

    public static readonly DiagnosticDescriptor ClusterGone = new(
        "KUBEAPP7209", "A cluster of the full update is gone", "Look at 'dotnet kubeapp cluster list', and deploy again.");

    public static readonly DiagnosticDescriptor StateCannotMove = new(
        "KUBEAPP7210", "The app keeps data in its cluster, which a full update would leave behind", "Keep the data outside of the cluster, let the claims be PerSlot where they may begin empty, or deploy without --scope cluster.");

    public static readonly DiagnosticDescriptor RunsTwice = new(
        "KUBEAPP7211", "Scheduled work runs in both clusters during a full update", "Let it be harmless when it runs twice at a time.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor LoadNotShared = new(
        "KUBEAPP7212", "The load of the app cannot be shared between clusters", "Give the service that users enter a name with DnsNames (or an ingress a host), in one zone of Route 53 of the environment's account.");

    public static readonly DiagnosticDescriptor NameIsNotOurs = new(
        "KUBEAPP7213", "A name of the app in the DNS is kept by somebody else", "Take the record away, or let external-dns leave the name alone (its --exclude-domains, or its --annotation-filter). Nothing was changed.");

    public static readonly DiagnosticDescriptor BalancerNotReady = new(
        "KUBEAPP7214", "A cluster's load balancer cannot take load yet", "Look at its targets, and at the events of its Service or Ingress; the AWS Load Balancer Controller must run in the cluster. Then run it again.");

    public static readonly DiagnosticDescriptor ClusterInUpdate = new(
        "KUBEAPP7215", "The app's clusters are in a full update",
        "End it with 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster'; or name the cluster that is meant: 'dotnet kubeapp cluster kubeconfig NAME --file FILE', then --kubeconfig FILE.");

    public static readonly DiagnosticDescriptor NameIsTakenOver = new(
        "KUBEAPP7216", "A name of the app in the DNS gets weighted records in place of a simple one",
        "Let whoever wrote that record (Terraform, CloudFormation) leave the name alone from then on.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor LoadNotMeasured = new(
        "KUBEAPP7217", "Nobody could say how the new version answers", "Look at the metrics of the cluster's load balancer in CloudWatch, and whether AWS has trouble with them; then deploy again: the new cluster is used again.");

    public static readonly DiagnosticDescriptor LoadOfUnwell = new(
        "KUBEAPP7218", "A cluster has load that may not be able to take it", "Look at its API and at the targets of its load balancer ('dotnet kubeapp cluster doctor NAME').", DiagnosticSeverity.Warning);
}
