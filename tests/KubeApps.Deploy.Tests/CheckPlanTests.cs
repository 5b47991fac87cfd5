using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests;

/// <summary>When checks run, and against what: without a cluster.</summary>
public class CheckPlanTests
{
    private static readonly BundleCheck Http = new("http", "http web/", TimeSpan.FromMinutes(1)) { Service = "web", Path = "/" };
    private static readonly BundleCheck Command = new("command", "command smoke", TimeSpan.FromMinutes(2)) { Command = ["smoke"] };
    private static readonly BundleCheck Job = new("job", "job probe", TimeSpan.FromMinutes(3)) { Job = "probe-1" };

    [Fact]
    public void Of_DeploymentGetsOtherPods_ChecksACopyThatNoServiceSelects()
    {
        var plan = Of([Http], Changed(Deployment()));

        Assert.Equal(["http web/"], plan.Before.Select(check => check.Check.Name));
        Assert.Empty(plan.After);
        Assert.Equal(
            """
            {
              "apiVersion": "apps/v1",
              "kind": "Deployment",
              "metadata": {
                "name": "web-preview",
                "namespace": "shop",
                "labels": {
                  "app.kubernetes.io/name": "shop",
                  "kubeapps.dev/preview-of": "web"
                }
              },
              "spec": {
                "replicas": 1,
                "strategy": {
                  "type": "Recreate"
                },
                "selector": {
                  "matchLabels": {
                    "kubeapps.dev/preview-of": "web",
                    "app.kubernetes.io/name": "shop-preview",
                    "app.kubernetes.io/component": "web-preview"
                  }
                },
                "template": {
                  "metadata": {
                    "labels": {
                      "app.kubernetes.io/name": "shop-preview",
                      "app.kubernetes.io/component": "web-preview",
                      "sidecar.istio.io/inject": "true",
                      "kubeapps.dev/preview-of": "web"
                    }
                  },
                  "spec": {
                    "containers": [
                      {
                        "name": "web",
                        "image": "web@sha256:2",
                        "lifecycle": {}
                      }
                    ],
                    "terminationGracePeriodSeconds": 5
                  }
                },
                "revisionHistoryLimit": 0
              }
            }
            """.ReplaceLineEndings("\n"),
            Assert.Single(plan.Previews).Content.ToJsonString(new() { WriteIndented = true }).ReplaceLineEndings("\n"));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["kubeapps.dev/preview-of"] = "web",
                ["app.kubernetes.io/name"] = "shop-preview",
                ["app.kubernetes.io/component"] = "web-preview",
            },
            plan.Before[0].Target!.PodLabels);
    }

    [Fact]
    public void Of_AnyServiceOfTheApp_NeverSelectsTheCopy()
    {
        string[] keys = ["app.kubernetes.io/name", "app.kubernetes.io/component", "tier", "sidecar.istio.io/inject"];
        for (var pick = 1; pick < 1 << keys.Length; pick++)
        {
            var content = Deployment().Content;
            var labels = (JsonObject)content["spec"]!["template"]!["metadata"]!["labels"]!;
            labels["tier"] = "";
            var selector = new JsonObject(keys.Where((_, index) => (pick & (1 << index)) != 0).Select(key => KeyValuePair.Create(key, (JsonNode?)(string?)labels[key])));
            var service = Service().Content;
            service["spec"]!["selector"] = selector;

            var copy = PreviewCopy.Of(Deployment().With(content), [service]);

            var copied = copy.Content["spec"]!["template"]!["metadata"]!["labels"]!;
            Assert.DoesNotContain(selector, label => (string?)copied[label.Key] == (string?)label.Value);
        }
    }

    [Fact]
    public void Of_FirstDeploy_ChecksAfterTheRollout()
    {
        var plan = Of([Http], new ObservedObject(Deployment(), null, null));

        Assert.Empty(plan.Previews);
        Assert.Single(plan.After);
    }

    [Fact]
    public void Of_PodsStayTheSame_ChecksAfterTheRollout()
    {
        var same = Deployment();

        Assert.Single(Of([Http], new ObservedObject(same, same.Content, same.Content)).After);
    }

    [Theory]
    [InlineData("""{"spec":{"strategy":{"type":"Recreate"}}}""")]
    [InlineData("""{"spec":{"template":{"spec":{"hostNetwork":true}}}}""")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"web","ports":[{"containerPort":80,"hostPort":80}]}]}}}}""")]
    [InlineData("""{"kind":"StatefulSet"}""")]
    [InlineData("""{"kind":"DaemonSet"}""")]
    public void Of_WorkloadThatCannotRunTwice_ChecksAfterTheRollout(string difference)
    {
        var workload = Deployment().Content;
        Merge(workload, (JsonObject)JsonNode.Parse(difference)!);

        var plan = Of([Http], Changed(Deployment().With(workload)));

        Assert.Empty(plan.Previews);
        Assert.Single(plan.After);
    }

    [Fact]
    public void Of_CommandWithoutAServiceOfItsOwn_GetsTheEntryServicesCopy()
    {
        var plan = Of([Command], Changed(Deployment()));

        Assert.Equal("web", Assert.Single(plan.Before).Target!.Service);
    }

    [Fact]
    public void Of_Job_IsToldAServiceThatLeadsToTheCopy()
    {
        var plan = Of([Job], Changed(Deployment()));

        Assert.Equal(["Service shop/web-preview", "Deployment shop/web-preview"], plan.Previews.Select(item => item.Id.ToString()));
        Assert.Equal(["Service shop/web-preview", "Deployment shop/web-preview", "Job shop/probe-1-hash"], plan.ShortLived.Select(id => id.ToString()));
        var service = plan.Previews[0].Content["spec"]!;
        Assert.Null(service["type"]);
        Assert.Null(service["ports"]![0]!["nodePort"]);
        Assert.Equal("shop-preview", (string?)service["selector"]!["app.kubernetes.io/name"]);
        Assert.Equal(
            "http://$(WEB_PREVIEW_SERVICE_HOST):$(WEB_PREVIEW_SERVICE_PORT)",
            (string?)plan.Before[0].Job!.Content["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!["value"]);
    }

    [Fact]
    public void Against_ChosenPods_AsksThemThroughTheServicesPorts()
    {
        var service = Service();
        var preview = (JsonObject)service.Content.DeepClone();
        preview["metadata"]!["name"] = "web-next";

        var checks = CheckPlan.Against(Release([Http, Job], [Deployment(), service]), _ => new Dictionary<string, string> { ["slot"] = "green" }, _ => preview);

        Assert.All(checks, check => Assert.Equal(("web", "labelSelector=slot%3Dgreen"), (check.Target!.Service, check.Target.LabelSelector)));
        Assert.Equal(
            "http://$(WEB_NEXT_SERVICE_HOST):$(WEB_NEXT_SERVICE_PORT)",
            (string?)checks[1].Job!.Content["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!["value"]);
    }

    [Fact]
    public void Of_ServiceThatSelectsNothing_HasNoTarget()
    {
        var service = Service().Content;
        ((JsonObject)service["spec"]!).Remove("selector");

        var plan = Of([Http], Changed(Deployment()), Service().With(service));

        Assert.Null(Assert.Single(plan.After).Target);
    }

    [Fact]
    public void Of_AppHasAnObjectWithTheCopysName_TakesNobodysPlace()
    {
        var other = Objects.Of("apps/v1", "Deployment", "web-preview");

        var plan = Of([Http], Changed(Deployment()), Service(), other);

        Assert.Empty(plan.Previews);
        Assert.Single(plan.After);
    }

    [Fact]
    public void Plan_ChecksOfAnUpdate_RunBeforeAnythingOfTheOldVersionIsTouched()
    {
        var plan = Planned([Http, Command], Changed(Deployment()));

        Assert.Equal(
            ["lock", "intend", "preview", "preview-checks", "retire-preview", "workloads", "rollout", "record"], plan.Steps.Select(step => step.Id));
        Assert.Equal(TimeSpan.FromMinutes(2), plan.Steps.OfType<ReleaseStep.RunChecks>().Single().Timeout);
        Assert.Contains(plan.Steps.OfType<ReleaseStep.Intend>().Single().Inventory.Items, item => item.Id.Name == "web-preview");
        Assert.DoesNotContain(plan.Steps.OfType<ReleaseStep.Record>().Single().Inventory.Items, item => item.Id.Name == "web-preview");
    }

    [Fact]
    public void Plan_PreviewOfARunThatWasCut_IsTakenOverOrPruned()
    {
        var left = new FormerObject(new ObjectId("apps/v1", "Deployment", "shop", "web-preview"), "u", false);

        Assert.DoesNotContain(Planned([Http], Changed(Deployment()), left).Steps, step => step is ReleaseStep.Prune);
        Assert.Equal("web-preview", Planned([], Changed(Deployment()), left).Steps.OfType<ReleaseStep.Prune>().Single().Objects.Single().Id.Name);
    }

    private static ReleasePlan Planned(IReadOnlyList<BundleCheck> checks, ObservedObject observed, params FormerObject[] former)
    {
        var service = Service();
        return ReleasePlanner.Plan(
            Release(checks, [observed.Object, service]), new LiveState([observed, new ObservedObject(service, service.Content, service.Content)], former, null, [], false));
    }

    private static CheckPlan Of(IReadOnlyList<BundleCheck> checks, ObservedObject observed, params ReleaseObject[] others)
    {
        others = others.Length == 0 ? [Service()] : others;
        return CheckPlan.Of(Release(checks, [observed.Object, .. others]), [observed, .. others.Select(item => new ObservedObject(item, item.Content, item.Content))]);
    }

    private static Release Release(IReadOnlyList<BundleCheck> checks, IReadOnlyList<ReleaseObject> objects) =>
        new("shop", "local", "shop", null, objects, "hash", false, TimeSpan.FromMinutes(5), EntryService: "web")
        {
            Checks = checks,
            CheckJobs =
            [
                new ReleaseObject(
                    new ObjectId("batch/v1", "Job", "shop", "probe-1"), "check", "",
                    Parse("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"probe-1","namespace":"shop"},"spec":{"template":{"spec":{"containers":[{"name":"probe"}]}}}}""")),
            ],
        };

    private static ObservedObject Changed(ReleaseObject workload)
    {
        var live = (JsonObject)workload.Content.DeepClone();
        live["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "web@sha256:1";
        return new ObservedObject(workload, live, workload.Content);
    }

    private static ReleaseObject Deployment()
    {
        var content = Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment",
             "metadata":{"name":"web","namespace":"shop","labels":{"app.kubernetes.io/name":"shop"},"annotations":{"kubeapps.dev/commit":"abc"}},
             "spec":{"replicas":4,"minReadySeconds":10,"strategy":{"type":"RollingUpdate"},
              "selector":{"matchLabels":{"app.kubernetes.io/name":"shop","app.kubernetes.io/component":"web"}},
              "template":{"metadata":{"labels":{"app.kubernetes.io/name":"shop","app.kubernetes.io/component":"web","sidecar.istio.io/inject":"true"}},
               "spec":{"containers":[{"name":"web","image":"web@sha256:2","lifecycle":{"preStop":{"sleep":{"seconds":10}}}}]}}}}
            """);
        return new ReleaseObject(ObjectId.Of(content), "main", "", content);
    }

    private static ReleaseObject Service()
    {
        var content = Parse("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},
             "spec":{"type":"LoadBalancer","selector":{"app.kubernetes.io/name":"shop","app.kubernetes.io/component":"web"},
              "ports":[{"name":"http","port":80,"targetPort":"http","nodePort":30080}]}}
            """);
        return new ReleaseObject(ObjectId.Of(content), "main", "", content);
    }

    private static void Merge(JsonObject target, JsonObject difference)
    {
        foreach (var (key, value) in difference)
            if (value is JsonObject inner && target[key] is JsonObject existing)
                Merge(existing, inner);
            else
                target[key] = value!.DeepClone();
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}

public class CheckTargetTests
{
    [Theory]
    [InlineData("""{"port":80,"targetPort":8080}""", 8080)]
    [InlineData("""{"port":80,"targetPort":"http"}""", 5000)]
    [InlineData("""{"port":80}""", 80)]
    [InlineData("""{"port":80,"targetPort":"nosuch"}""", null)]
    public void PodPort_NumberNameOrNothing_IsResolvedInThePod(string port, int? expected)
    {
        var pod = (JsonObject)JsonNode.Parse("""{"spec":{"containers":[{"name":"a"},{"name":"b","ports":[{"name":"http","containerPort":5000}]}]}}""")!;

        Assert.Equal(expected, CheckTarget.PodPort((JsonObject)JsonNode.Parse(port)!, pod));
    }

    [Theory]
    [InlineData("""{"name":"https","port":443}""", "{}", true)]
    [InlineData("""{"name":"web","port":443,"appProtocol":"https"}""", "{}", true)]
    [InlineData("""{"name":"https","port":443}""", """{"service.beta.kubernetes.io/aws-load-balancer-ssl-cert":"arn"}""", false)]
    [InlineData("""{"name":"http","port":80}""", "{}", false)]
    public void IsTls_SaysThePortsProtocolUnlessABalancerEndsIt(string port, string annotations, bool expected)
    {
        var service = (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"web","annotations":{{{annotations}}} },"spec":{"selector":{"a":"b"},"ports":[{{{port}}}]}}""")!;
        var target = CheckTarget.Of(service)!;

        Assert.Equal(expected, target.IsTls(target.Port(null)!));
    }
}
