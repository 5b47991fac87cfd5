using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Reads the fields that all Kubernetes objects share. What is absent reads as empty.</summary>
internal static class ObjectFields
{
    extension(JsonObject node)
    {
        public JsonObject Metadata => node.Part("metadata");

        public JsonObject Spec => node.Part("spec");

        public JsonObject Status => node.Part("status");

        public string Name => (string?)node.Metadata["name"] ?? "";

        public string Uid => (string?)node.Metadata["uid"] ?? "";

        public string? Namespace => (string?)node.Metadata["namespace"];

        public long Generation => node.Metadata.Number("generation") ?? 0;

        public bool IsTerminating => node.Metadata["deletionTimestamp"] is not null;

        public JsonObject Labels => node.Metadata.Part("labels");

        public DateTimeOffset Created => node.Metadata.Time("creationTimestamp") ?? default;

        public string? Annotation(string key) => (string?)node.Metadata.Part("annotations")[key];

        /// <summary>An object below, to read: empty if it is not there.</summary>
        public JsonObject Part(string name) => node[name] as JsonObject ?? [];

        /// <summary>An object below, to change: added if it is not there.</summary>
        public JsonObject Editable(string name)
        {
            if (node[name] is JsonObject there)
                return there;
            var added = new JsonObject();
            node[name] = added;
            return added;
        }

        public IEnumerable<JsonObject> Items(string name) => node[name] is JsonArray array ? array.OfType<JsonObject>() : [];

        public int? Number(string name) => Json.SmallInteger(node[name]);

        public int Count(string name) => node.Number(name) ?? 0;

        public string? Text(string name) => node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? (string?)value : null;

        public bool Flag(string name) => node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

        public DateTimeOffset? Time(string name) =>
            DateTimeOffset.TryParse(node.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

        public void Annotate(string key, string value) => node.Editable("metadata").Editable("annotations")[key] = value;

        public ObjectKey Key(ResourceType type) => new(type, node.Namespace, node.Name);

        /// <summary>The owner that controls this object, if any.</summary>
        public JsonObject? ControllerReference => node.Metadata.Items("ownerReferences").FirstOrDefault(owner => owner.Flag("controller"));

        public bool IsControlledBy(JsonObject owner) => node.ControllerReference?.Text("uid") == owner.Uid;
    }

    /// <summary>The reference that makes <paramref name="owner"/> the controller of an object.</summary>
    public static JsonObject ReferenceTo(JsonObject owner, ResourceType type) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
