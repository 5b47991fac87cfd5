using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Aws.StandIn.Wire;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Aws.StandIn;

/// <summary>
/// What tests talk to: finds the account by the key that signed, holds signature, request and answer against what AWS says, does what a test scripted for a
/// bad day, and lets the service's fake answer.
/// </summary>
internal sealed class Front(AwsStandIn standIn)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var wire = await WireRequest.ReadAsync(context);
        var signature = Signature.Of(wire);
        var service = ServiceModel.Find(signature?.Service ?? "sts");
        if (service is null || Resolve(wire, signature, service) is not (var account, var principal))
        {
            var refusal = service?.Protocol is "json" or "rest-json"
                ? new Refusal("UnrecognizedClientException", "The security token included in the request is invalid.", 403)
                : new Refusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
            await AnswerWriter.RefuseAsync(context, service, refusal);
            return;
        }

        var read = RequestReader.Read(service, wire);
        var request = new StandInRequest(service.SigningName, read.Operation?.Name ?? "", signature?.Region ?? account.Region, read.Input, principal?.Arn ?? "") { Attempt = AttemptOf(context.Request.Headers["amz-sdk-request"]) };
        using var underWay = account.UnderWay();
        var fault = account.Take(request);
        try
        {
            if (fault?.Until is { } until)
                await until.WaitAsync(account.Released).WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return;
        }

        var objection = fault is { Until: null, IsHandled: false } ? fault.Refusal : Objection(account, principal, service, wire, signature, read, request);
        if (objection is null && account.Behind is { } behind)
        {
            await behind.AnswerAsync(context, account, service, wire, read.Operation!, request);
            return;
        }

        var (answer, refused) = objection is null ? Answer(account, principal, service, read, request, fault?.Change) : (null, objection);
        if (fault is { IsCut: true })
        {
            context.Abort();
            return;
        }

        if ((fault?.Refusal ?? refused) is { } reason)
        {
            (request.Status, request.Refusal) = (reason.Status, reason.Code);
            await AnswerWriter.RefuseAsync(context, service, reason);
            return;
        }

        request.Status = read.Operation!.StatusCode;
        await AnswerWriter.WriteAsync(context, service, read.Operation, answer!);
    }

    // Why a request is not even looked at.
    // "attempt=2; max=5": https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    private static int AttemptOf(string? header) =>
        header?.Split(';', '=') is ["attempt", var attempt, ..] && int.TryParse(attempt, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 1;

    private static Refusal? Objection(
        StandInAccount account, StandInPrincipal? principal, ServiceModel service, WireRequest wire, Signature? signature, ReadRequest read, StandInRequest request)
    {
        if (principal is not null && Mistrust(account, principal, service, wire, signature!) is { } mistrust)
            return mistrust;
        if (read.Operation is null || read.Mismatches.Count > 0)
            return Violated(account, 400, $"{service.Id} {request.Operation}: {string.Join("; ", read.Mismatches)}");
        // Where a test answers itself, what is asked is made up.
        if (account.Answers is null && Limits.Excesses(read.Input, read.Operation.Input, read.Operation.Name).ToList() is { Count: > 0 } excesses)
            return Violated(account, 400, $"{service.Id} {request.Operation}: {string.Join("; ", excesses)}");
        return principal is null || principal.May(request.Action) || request.Action == "sts:GetCallerIdentity" ? null : new Refusal(
            service.Protocol switch { "ec2" => "UnauthorizedOperation", "query" or "rest-xml" => "AccessDenied", _ => "AccessDeniedException" },
            $"User: {principal.Arn} is not authorized to perform: {request.Action} because no identity-based policy allows the {request.Action} action", 403);
    }

    private static (JsonObject? Answer, Refusal? Refusal) Answer(
        StandInAccount account, StandInPrincipal? principal, ServiceModel service, ReadRequest read, StandInRequest request, Action<JsonObject>? change)
    {
        JsonObject answer;
        lock (account.Lock)
        {
            account.Settle();
            var fake = account.Answers is null ? account.FakeOf(service.SigningName, service.IsGlobal ? "" : request.Region) : null;
            if (account.Answers is null && fake?.Knows(read.Operation!.Name) != true)
                return (null, Violated(account, 501, $"The stand-in knows no {request.Action}"));
            try
            {
                // What is kept must not change with what was sent or answered; and parsed, a number is one of any size.
                var input = (JsonObject)JsonNode.Parse(read.Input.ToJsonString())!;
                answer = (JsonObject)(account.Answers?.Invoke(request) ?? fake!.Answer(read.Operation!.Name, input, principal)).DeepClone();
            }
            catch (Refusal refusal)
            {
                return (null, refusal);
            }
            catch (Exception mistake)
            {
                // One of the stand-in's own; a connection that breaks off would not tell.
                return (null, Violated(account, 500, $"{request.Action} of the stand-in: {mistake}"));
            }
        }

        change?.Invoke(answer);
        var mismatches = ValueCheck.Mismatches(answer, read.Operation!.Output, $"{read.Operation.Name}'s answer");
        // Where a test answers itself, what is said is made up.
        if (account.Answers is null)
            mismatches = [.. mismatches, .. Limits.Excesses(answer, read.Operation.Output, $"{read.Operation.Name}'s answer", mayBeEmpty: true)];
        return mismatches.Count == 0 ? (answer, null) : (null, Violated(account, 500, $"{service.Id} {request.Operation}: {string.Join("; ", mismatches)}"));
    }

    private static Refusal? Mistrust(StandInAccount account, StandInPrincipal principal, ServiceModel service, WireRequest wire, Signature signature)
    {
        if (signature.Mismatch(wire, principal.SecretKey) is { } mismatch)
        {
            account.Violated($"{service.Id} {wire.Method} {wire.RawPath}: {mismatch}");
            return new Refusal(service.Protocol is "json" or "rest-json" ? "InvalidSignatureException" : "SignatureDoesNotMatch", mismatch, 403);
        }

        if ((signature.SessionToken ?? "") != (principal.SessionToken ?? ""))
            return new Refusal(service.Protocol is "json" or "rest-json" ? "UnrecognizedClientException" : "InvalidClientTokenId", "The security token included in the request is invalid.", 403);
        // Signatures go by the real clock, whatever the account's says.
        if (TimeProvider.System.GetUtcNow() - signature.SignedAt is var age && (age.Duration() > TimeSpan.FromMinutes(5) && (signature.Lifetime is not { } lifetime || age > lifetime)))
            return new Refusal(service.Protocol is "json" or "rest-json" ? "InvalidSignatureException" : "SignatureDoesNotMatch", $"Signature expired: {signature.SignedAt:u} is not within 5 minutes.", 403);
        if (principal.ExpiresAt <= account.Now)
            return new Refusal(service.Protocol switch { "json" or "rest-json" => "ExpiredTokenException", "ec2" => "RequestExpired", _ => "ExpiredToken" }, "The security token included in the request is expired", 403);
        return null;
    }

    private static Refusal Violated(StandInAccount account, int status, string reason)
    {
        account.Violated(reason);
        return new Refusal("ValidationException", $"Not as AWS describes it: {reason}", status);
    }

    private (StandInAccount Account, StandInPrincipal? Principal)? Resolve(WireRequest wire, Signature? signature, ServiceModel service)
    {
        if (signature is not null)
        {
            foreach (var account in standIn.Accounts)
            {
                if (account.Find(signature.AccessKey) is { } principal)
                    return (account, principal);
            }

            return null;
        }

        // Who comes with a token of somebody else's has nothing to sign with.
        var role = WireRequest.Pairs(wire.Text).FirstOrDefault(pair => pair.Name == "RoleArn").Value;
        return service.SigningName == "sts" && role?.Split(':') is [_, _, _, _, var id, ..] && standIn.Find(id) is { } owner ? (owner, null) : null;
    }
}
