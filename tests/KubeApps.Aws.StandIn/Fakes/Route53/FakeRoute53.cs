using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Route53;

/// <summary>Amazon Route 53: zones and their records. A batch of changes is done whole or not at all, and takes its time to be everywhere.</summary>
internal sealed class FakeRoute53 : Fake
{
    public FakeRoute53(StandInAccount account, string region)
        : base(account, region)
    {
        On("ListHostedZones", input => Listed(Page(Zones().Select(zone => zone.Content), input, "HostedZones", "MaxItems", "Marker", nextTokenName: "NextMarker"), input, "Marker"));
        On("ListHostedZonesByName", input =>
        {
            var start = input["DNSName"] is { } name ? Order(Normal((string)name!)) : "";
            return Listed(Page(Zones().Where(zone => string.CompareOrdinal(Order((string)zone.Content["Name"]!), start) >= 0).Select(zone => zone.Content), input, "HostedZones", "MaxItems"), input);
        });
        On("GetHostedZone", input => new JsonObject { ["HostedZone"] = Zone(input, "Id").Content.DeepClone() });
        On("ListResourceRecordSets", ListRecords);
        On("ChangeResourceRecordSets", Change);
        On("GetChange", input =>
        {
            var id = ((string)input["Id"]!).Split('/')[^1];
            return new JsonObject { ["ChangeInfo"] = (Ledger.Find("route53:change", "", id) ?? throw new Refusal("NoSuchChange", $"A change with the specified change ID does not exist: {id}", 404)).Content.DeepClone() };
        });
    }

    internal Resource AddZone(string name)
    {
        var id = Account.NewId("Z");
        return Ledger.Add("route53:zone", "", id, new JsonObject { ["Id"] = $"/hostedzone/{id}", ["Name"] = Normal(name), ["CallerReference"] = id, ["Config"] = new JsonObject { ["PrivateZone"] = false }, ["ResourceRecordSetCount"] = 0L });
    }

    internal void AddRecord(string zone, JsonObject record) => Ledger.Add("route53:record", "", Key(zone, record), (JsonObject)record.DeepClone());

    private static JsonObject Listed(JsonObject answer, JsonObject input, string? marker = null)
    {
        answer["MaxItems"] = (string?)input["MaxItems"] ?? "100";
        answer["IsTruncated"] = answer.Remove("nextToken") || answer.ContainsKey("NextMarker");
        if (marker is not null)
            answer[marker] = (string?)input[marker] ?? "";
        return answer;
    }

    private static string Normal(string name)
    {
        var lower = name.ToLowerInvariant().Replace("*", "\\052", StringComparison.Ordinal);
        return lower.EndsWith('.') ? lower : $"{lower}.";
    }

    // Names are sorted from their end.
    private static string Order(string name) => string.Join('.', name.TrimEnd('.').Split('.').Reverse()) + ".";

    private static string Key(string zone, JsonNode record) => $"{zone} {Normal((string)record["Name"]!)} {record["Type"]} {record["SetIdentifier"]}";

    private IEnumerable<Resource> Zones() => Ledger.Listed("route53:zone", "").OrderBy(zone => Order((string)zone.Content["Name"]!), StringComparer.Ordinal);

    private Resource Zone(JsonObject input, string member) => Ledger.Find("route53:zone", "", ((string)input[member]!).Split('/')[^1]) ?? throw new Refusal("NoSuchHostedZone", $"No hosted zone found with ID: {input[member]}", 404);

    private IEnumerable<Resource> Records(string zone) => Ledger.Of("route53:record", "").Where(record => record.Key.StartsWith($"{zone} ", StringComparison.Ordinal));

    private JsonObject ListRecords(JsonObject input)
    {
        var start = (input["StartRecordName"] is { } name ? Order(Normal((string)name!)) : "", (string?)input["StartRecordType"] ?? "", (string?)input["StartRecordIdentifier"] ?? "");
        var size = input["MaxItems"] is { } wanted ? int.Parse((string)wanted!, System.Globalization.CultureInfo.InvariantCulture) : 300;
        var sorted = Records(Zone(input, "HostedZoneId").Key)
            .Select(record => (Order: (Order((string)record.Content["Name"]!), (string)record.Content["Type"]!, (string?)record.Content["SetIdentifier"] ?? ""), record.Content))
            .OrderBy(item => item.Order, Comparer<(string, string, string)>.Create(Compare)).Where(item => Compare(item.Order, start) >= 0).ToList();
        var answer = new JsonObject { ["ResourceRecordSets"] = new JsonArray([.. sorted.Take(size).Select(item => item.Content.DeepClone())]), ["IsTruncated"] = sorted.Count > size, ["MaxItems"] = (string?)input["MaxItems"] ?? "300" };
        if (sorted.Count > size)
        {
            (answer["NextRecordName"], answer["NextRecordType"]) = ((string)sorted[size].Content["Name"]!, (string)sorted[size].Content["Type"]!);
            if (sorted[size].Content["SetIdentifier"] is { } identifier)
                answer["NextRecordIdentifier"] = (string)identifier!;
        }

        return answer;

        static int Compare((string, string, string) left, (string, string, string) right) => string.CompareOrdinal(left.Item1, right.Item1) is var names and not 0 ? names
            : string.CompareOrdinal(left.Item2, right.Item2) is var types and not 0 ? types : string.CompareOrdinal(left.Item3, right.Item3);
    }

    private JsonObject Change(JsonObject input)
    {
        var zone = Zone(input, "HostedZoneId");
        var wanted = Records(zone.Key).ToDictionary(record => record.Key, record => record.Content);
        foreach (var change in input["ChangeBatch"]!["Changes"]!.AsArray())
        {
            var (action, record) = ((string)change!["Action"]!, (JsonObject)change["ResourceRecordSet"]!.DeepClone());
            record["Name"] = Normal((string)record["Name"]!);
            var key = Key(zone.Key, record);
            var (name, type) = ((string)record["Name"]!, (string)record["Type"]!);
            if (name != (string)zone.Content["Name"]! && !name.EndsWith($".{zone.Content["Name"]}", StringComparison.Ordinal))
                throw Invalid($"RRSet with DNS name {name} is not permitted in zone {zone.Content["Name"]}");
            if ((record["SetIdentifier"] is null) != (record["Weight"] is null && record["Region"] is null && record["Failover"] is null && record["GeoLocation"] is null && record["MultiValueAnswer"] is null))
                throw Invalid($"A set identifier and a routing policy go together: {name} {type}");
            if ((record["AliasTarget"] is null) == (record["ResourceRecords"] is null) || (record["ResourceRecords"] is not null && record["TTL"] is null))
                throw Invalid($"Either an alias target, or records with a TTL: {name} {type}");
            var exists = wanted.TryGetValue(key, out var old);
            if (action == "CREATE" && exists)
                throw Invalid($"Tried to create resource record set [name='{name}', type='{type}'] but it already exists");
            if (action == "DELETE")
            {
                if (!exists)
                    throw Invalid($"Tried to delete resource record set [name='{name}', type='{type}'] but it was not found");
                if (!JsonNode.DeepEquals(old, record))
                    throw Invalid($"Tried to delete resource record set [name='{name}', type='{type}'] but the values provided do not match the current values");
                wanted.Remove(key);
                continue;
            }

            if (wanted.Any(other => other.Key.StartsWith($"{zone.Key} {name} {type} ", StringComparison.Ordinal) && (other.Value["SetIdentifier"] is null) != (record["SetIdentifier"] is null)))
                throw Invalid($"RRSet with DNS name {name}, type {type} cannot be created as a non-simple RRSet conflicts with a simple one of the same name and type");
            wanted[key] = record;
        }

        foreach (var record in Records(zone.Key).Where(record => !wanted.TryGetValue(record.Key, out var kept) || kept != record.Content).ToList())
            Ledger.Remove(record);
        foreach (var (key, content) in wanted.Where(entry => Ledger.Find("route53:record", "", entry.Key) is null))
            Ledger.Add("route53:record", "", key, content);
        zone.Content["ResourceRecordSetCount"] = (long)wanted.Count;
        var id = Account.NewId("C");
        var done = Ledger.Add("route53:change", "", id, new JsonObject { ["Id"] = $"/change/{id}", ["Status"] = "PENDING", ["SubmittedAt"] = Now });
        Account.After(Account.Delays.Network, () =>
        {
            done.Content["Status"] = "INSYNC";
            // It costs nothing and is nobody's to delete.
            Account.After(TimeSpan.FromHours(1), () => Ledger.Remove(done));
        });
        return new JsonObject { ["ChangeInfo"] = done.Content.DeepClone() };
    }

    private static Refusal Invalid(string message) => new("InvalidChangeBatch", $"[{message}]");
}
