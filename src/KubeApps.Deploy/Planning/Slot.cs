namespace KubeApps.Deploy.Planning;

/// <summary>Where a version of an app's Deployments stands: under their own names, or beside each other as blue and green.</summary>
internal enum Slot
{
    /// <summary>Under their own names, as a rolling update has them.</summary>
    Plain,
    Blue,
    Green,
}

internal static class Slots
{
    /// <summary>Label of everything that belongs to a slot, its pods first of all: what Services tell the versions apart by.</summary>
    public const string Label = "kubeapps.dev/slot";

    /// <summary>The label by which a Deployment's controller tells its versions apart: the only one that pods of the plain slot do not share with the others.</summary>
    public const string HashLabel = "pod-template-hash";

    public static string Word(this Slot slot) => slot switch { Slot.Blue => "blue", Slot.Green => "green", _ => "plain" };

    public static string NameIn(this Slot slot, string name) => slot == Slot.Plain ? name : $"{name}-{slot.Word()}";

    /// <summary>The name without the slot.</summary>
    public static string RenderedName(this Slot slot, string name) => slot == Slot.Plain ? name : name[..^(slot.Word().Length + 1)];

    public static Slot? Parse(string? word) => word switch { "blue" => Slot.Blue, "green" => Slot.Green, "plain" => Slot.Plain, _ => null };

    /// <summary>Blue or green, whichever does not serve.</summary>
    public static Slot IdleBeside(Slot? live) => live == Slot.Blue ? Slot.Green : Slot.Blue;
}
