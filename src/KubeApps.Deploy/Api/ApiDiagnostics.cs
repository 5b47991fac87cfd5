using System.Net;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Api;

/// <summary>Says in the user's terms why the API server refused something.</summary>
internal static class ApiDiagnostics
{
    /// <param name="refusal">What the server said.</param>
    /// <param name="subject">What it was about: <c>Deployment shop/web</c>.</param>
    /// <param name="place">The bundle's file, where there is one.</param>
    public static Diagnostic For(ApiException refusal, string subject, SourceLocation? place = null)
    {
        if (refusal.IsFieldConflict)
        {
            var fields = string.Join("; ", refusal.Causes.Select(cause => $"{cause.Field} ({cause.Message})"));
            return DiagnosticDescriptors.FieldConflict.Because($"{subject}: {fields}.", place);
        }

        if (refusal.IsTerminatingNamespace)
            return DiagnosticDescriptors.NamespaceTerminating.Because($"{subject}: {Sentence(refusal.Message)}", place);
        if (refusal.IsQuota)
            return DiagnosticDescriptors.QuotaExceeded.Because($"{subject}: {Sentence(refusal.Message)}", place);
        if (refusal.IsAdmission)
            return DiagnosticDescriptors.AdmissionDenied.Because($"{subject}: {Sentence(refusal.Message)}", place);
        if (refusal.Status == HttpStatusCode.Forbidden)
            return DiagnosticDescriptors.PermissionMissing.Because($"{subject}: {Sentence(refusal.Message)}", place);
        if (refusal.IsImmutable)
            return DiagnosticDescriptors.ImmutableField.Because($"{subject}: {Causes(refusal, refusal.Causes.Any(cause => cause.Message.Contains("immutable", StringComparison.Ordinal)) ? "immutable" : "")}", place);
        var isServerFault = (int)refusal.Status >= 500 && refusal.Status != HttpStatusCode.NotImplemented && !refusal.IsBadField;
        return (isServerFault ? DiagnosticDescriptors.ServerFailed : DiagnosticDescriptors.ObjectRefused)
            .Because($"{subject}: {(refusal.Causes.Count > 0 ? Causes(refusal, "") : Sentence(refusal.Message))}", place);
    }

    private static string Causes(ApiException refusal, string about) => string.Join("; ", refusal.Causes
        .Where(cause => cause.Message.Contains(about, StringComparison.Ordinal))
        .Select(cause => cause.Field.Length == 0 ? cause.Message : $"{cause.Field}: {Shorten(cause.Message)}")) + ".";

    // An immutable field's message repeats the whole value: a page of text that hides the point.
    private static string Shorten(string message)
    {
        var value = message.IndexOf("Invalid value:", StringComparison.Ordinal);
        var point = message.LastIndexOf(": ", StringComparison.Ordinal);
        return message.Length > 200 && value >= 0 && point > value ? message[..value] + message[(point + 2)..] : message;
    }

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
