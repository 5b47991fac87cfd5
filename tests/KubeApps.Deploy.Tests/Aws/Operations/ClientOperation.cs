using System.Reflection;
using System.Runtime.ExceptionServices;
using Amazon;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>An operation of one of our clients, found in its code.</summary>
internal sealed record ClientOperation(Type Client, MethodInfo Method)
{
    public static IReadOnlyList<Type> Clients { get; } = [.. typeof(AwsServiceClient).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AwsServiceClient))).OrderBy(type => type.Name, StringComparer.Ordinal)];

    public static IReadOnlyList<ClientOperation> All { get; } =
    [
        .. Clients.SelectMany(client => client.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal)).Select(method => new ClientOperation(client, method))),
    ];

    public AwsService Service => ServiceOf(Client);

    public ServiceModel Model => ServiceModel.Of(Service.SigningName);

    public string Name => Method.Name[..^"Async".Length];

    public OperationModel Described => Model.Operations[Name];

    /// <summary>The record that is sent; null where the operation is asked for nothing in particular.</summary>
    public Type? Request => Method.GetParameters() is [var request, _] ? request.ParameterType : null;

    public Type Answer => Method.ReturnType.GenericTypeArguments[0];

    public static AwsService ServiceOf(Type client) => (AwsService)client.GetField("Service")!.GetValue(null)!;

    public static ClientOperation Of(string name) => All.Single(operation => operation.ToString() == name);

    public async Task<object> AskAsync(StandInAccount account, object? request, CancellationToken cancellationToken)
    {
        var settings = new AwsSettings { Endpoint = account.Endpoint };
        var config = settings.Apply(new AwsServiceConfig(Service), RegionEndpoint.GetBySystemName(account.Region));
        using var client = (IDisposable)Activator.CreateInstance(Client, new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey), config)!;
        try
        {
            var asked = (Task)Method.Invoke(client, request is null ? [cancellationToken] : [request, cancellationToken])!;
            await asked;
            return asked.GetType().GetProperty("Result")!.GetValue(asked)!;
        }
        catch (TargetInvocationException failure)
        {
            ExceptionDispatchInfo.Throw(failure.InnerException!);
            throw;
        }
    }

    public override string ToString() => $"{Service.Id} {Name}";
}
