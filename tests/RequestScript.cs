namespace KubeApps.Testing;

/// <summary>What a stand-in was asked, what goes wrong with the next requests, and what did not agree with the service's own description.</summary>
/// <param name="gate">Held while any of it is looked at.</param>
internal sealed class RequestScript<TRequest, TFault>(Lock gate)
    where TFault : class
{
    private readonly List<TRequest> _requests = [];
    private readonly List<(TFault Fault, Func<TRequest, bool>? When)> _faults = [];
    private readonly List<string> _violations = [];

    public IReadOnlyList<TRequest> Requests
    {
        get
        {
            lock (gate)
                return [.. _requests];
        }
    }

    public void Next(int count, TFault fault, Func<TRequest, bool>? when)
    {
        lock (gate)
            _faults.AddRange(Enumerable.Repeat((fault, when), count));
    }

    public void ForgetFaults()
    {
        lock (gate)
            _faults.Clear();
    }

    /// <summary>Keeps a request; what goes wrong with it, once, or null.</summary>
    public TFault? Take(TRequest request)
    {
        lock (gate)
        {
            _requests.Add(request);
            var index = _faults.FindIndex(item => item.When?.Invoke(request) != false);
            if (index < 0)
                return null;
            var fault = _faults[index].Fault;
            _faults.RemoveAt(index);
            return fault;
        }
    }

    public void Violated(string reason)
    {
        lock (gate)
            _violations.Add(reason);
    }

    public IReadOnlyList<string> TakeViolations()
    {
        lock (gate)
        {
            var violations = _violations.ToList();
            _violations.Clear();
            return violations;
        }
    }

    /// <exception cref="InvalidOperationException">There were some.</exception>
    public void RequireNoViolation(string sentence)
    {
        if (TakeViolations() is { Count: > 0 } violations)
            throw new InvalidOperationException($"{sentence}:\n{string.Join('\n', violations)}");
    }
}
