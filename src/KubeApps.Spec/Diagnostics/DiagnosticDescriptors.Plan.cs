namespace KubeApps.Diagnostics;

// 201x: what would get in the way of a plan. 202x: plans that are saved and held to.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor PermissionsMissing = new(
        "KUBEAPP2010", "The role does not allow what the plan needs", "Have these verbs added to the role of whoever deploys, then deploy again.");

    public static readonly DiagnosticDescriptor QuotaShort = new(
        "KUBEAPP2011", "A quota leaves too little for the plan", "Ask for a larger quota, or request less (replicas, resources).");

    public static readonly DiagnosticDescriptor QuotaTight = new(
        "KUBEAPP2012", "A quota leaves too little for a while", "Ask for a larger quota, or let new pods wait until old ones have stopped.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor QuotaNeedsResources = new(
        "KUBEAPP2013", "A quota takes no pods that leave open what they need", "Set the resources of the containers, or have a LimitRange with defaults put into the namespace.");

    public static readonly DiagnosticDescriptor PlanEstimated = new(
        "KUBEAPP2014", "The plan is estimated", "Allow the verb patch for a plan that the server has checked; a dry run stores nothing.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor PlanUnreadable = new(
        "KUBEAPP2020", "A file is no plan that can be used", "Make the plan again with 'dotnet kubeapp plan --out FILE'.");

    public static readonly DiagnosticDescriptor PlanForAnother = new(
        "KUBEAPP2021", "The plan is for another app, environment or cluster", "Give the target that was planned, or plan again for this one.");

    public static readonly DiagnosticDescriptor PlanOfAnotherBundle = new(
        "KUBEAPP2022", "The bundle is not the one that was planned", "Deploy the bundle that was planned, or plan again with this one.");

    public static readonly DiagnosticDescriptor PlanOutdated = new(
        "KUBEAPP2023", "The cluster changed since the plan was made", "Plan again, and look at what is different now.");

    public static readonly DiagnosticDescriptor PlanNotSaved = new(
        "KUBEAPP2024", "The plan cannot be saved", "Correct what the cause names, and plan again.");
}
