using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

/// <summary>A kubelet without processes: pods run and are ready as soon as it sees them, and end at once when they are deleted.</summary>
internal sealed class FakeKubelet(Cluster cluster, TimeProvider clock) : IReconciler
{
    /// <summary>Which pods become ready; the others run, but are never ready.</summary>
    public Func<JsonObject, bool> BecomesReady { get; set; } = _ => true;

    /// <summary>For tests that decide when each pod becomes ready: see <see cref="RunningControllers.LetBecomeReady"/>.</summary>
    public static bool IsLetBecomeReady(JsonObject pod) => pod.Annotation("test/ready") is not null;

    /// <summary>The exit code of pods that run to an end; null for those that go on.</summary>
    public Func<JsonObject, int?> ExitCode { get; set; } = _ => null;

    /// <summary>Whether a pod that is deleted goes away.</summary>
    public Func<JsonObject, bool> Stops { get; set; } = _ => true;

    public IReadOnlyList<Trigger> Triggers { get; } = [Trigger.Itself(ResourceTypes.Pod)];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is not { } pod)
            return Next.OnChange;
        if (pod.Spec.Text("nodeName") is null)
            cluster.Update(key, "scheduler", changed =>
            {
                changed.Editable("spec")["nodeName"] = "node-1";
                return true;
            });
        if (pod.IsTerminating)
        {
            if (!Stops(pod))
                return Next.OnChange;
            if (!pod.IsFinished)
                Report(key, "Failed", ready: false);
            cluster.Delete(key, gracePeriodSeconds: 0);
        }
        else if (!pod.IsFinished)
        {
            if (ExitCode(pod) is { } code)
                Report(key, code == 0 ? "Succeeded" : "Failed", ready: false);
            else
                Report(key, "Running", BecomesReady(pod));
        }

        return Next.OnChange;
    }

    private void Report(ObjectKey key, string phase, bool ready) => cluster.UpdateStatus(key, "kubelet", pod =>
    {
        var stamp = ObjectFields.Stamp(clock.GetUtcNow());
        if (pod.Phase == phase && pod.IsReady == ready)
            return false;
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["podIP"] = "127.0.0.1",
            ["startTime"] = pod.Status.Text("startTime") ?? stamp,
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = ready ? "True" : "False", ["lastTransitionTime"] = stamp }),
        };
        if (phase is "Succeeded" or "Failed")
            status["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "c",
                ["restartCount"] = 0,
                ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = phase == "Succeeded" ? 0 : 1, ["finishedAt"] = stamp } },
            });
        pod["status"] = status;
        return true;
    });
}
