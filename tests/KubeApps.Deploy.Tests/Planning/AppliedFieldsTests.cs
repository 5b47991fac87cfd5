using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Tests.Planning;

public sealed class AppliedFieldsTests
{
    [Fact]
    public void Of_AnObjectWithFieldsOfOthers_HasOursAloneInTheOrderInWhichTheyStand()
    {
        var live = Live("""{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{}},"k:{\"name\":\"b\"}":{".":{},"f:args":{},"f:name":{}}},"f:volumes":{}}}}}""");

        var applied = AppliedFields.Of(live)!;

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},
                 "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"spec":{"containers":[{"name":"b","args":["1"]},{"name":"a","image":"i"}]}}}}
                """),
            applied), applied.ToJsonString());
    }

    [Fact]
    public void Of_WhatWeNeverApplied_IsNothing()
    {
        var live = Live("{}");
        live["metadata"]!["managedFields"]![0]!["manager"] = "kubectl";

        Assert.Null(AppliedFields.Of(live));
    }

    private static JsonObject Live(string fields) => JsonNode.Parse("""
        {"apiVersion":"apps/v1","kind":"Deployment",
         "metadata":{"name":"web","namespace":"shop","uid":"u","labels":{"app":"web","theirs":"x"},"managedFields":[{"manager":"kubeapp","operation":"Apply","apiVersion":"apps/v1","fieldsV1":FIELDS}]},
         "spec":{"replicas":2,"paused":false,"selector":{"matchLabels":{"app":"web"}},"template":{"spec":{"containers":[{"name":"b","image":"theirs","args":["1"]},{"name":"a","image":"i"},{"name":"injected"}]}}},
         "status":{"replicas":2}}
        """.Replace("FIELDS", fields, StringComparison.Ordinal))!.AsObject();
}
