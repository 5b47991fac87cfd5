namespace KubeApps.Deploy.Aws.Eks;

internal sealed record TagResourceRequest(string ResourceArn, IReadOnlyDictionary<string, string> Tags);

internal sealed record UntagResourceRequest(string ResourceArn, IReadOnlyList<string> TagKeys);
