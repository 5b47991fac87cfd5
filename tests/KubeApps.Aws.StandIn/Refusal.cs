namespace KubeApps.Aws.StandIn;

/// <summary>AWS does not do what it is asked for.</summary>
public sealed class Refusal(string code, string message, int status = 400) : Exception(message)
{
    /// <summary>As AWS's reference of the API has it: <c>ResourceNotFoundException</c>.</summary>
    public string Code => code;

    public int Status => status;
}
