using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace KubeApps.Cli.Rendering.Badges;

/// <summary>A badge as a picture, in the shape that people know. Text stays text: nothing in it is ever markup.</summary>
internal static class BadgeSvg
{
    private const int Height = 20;
    private const int Padding = 6;
    private const string LabelColor = "#555";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly Dictionary<string, string> Colors = new()
    {
        ["brightgreen"] = "#3b8a1c",
        ["orange"] = "#b8560f",
        ["red"] = "#b3261e",
        ["blue"] = "#1a6fb0",
        ["lightgrey"] = "#6b6b6b",
    };

    public static string Write(Badge badge)
    {
        var (label, message) = (Clean(badge.Label), Clean(badge.Message));
        var (left, right) = (Width(label), Width(message));
        var title = $"{label}: {message}";
        return new XElement(
            Svg + "svg", new XAttribute("width", left + right), new XAttribute("height", Height), new XAttribute("role", "img"), new XAttribute("aria-label", title),
            new XElement(Svg + "title", title),
            Box(0, left, LabelColor), Box(left, right, Colors[badge.Color]),
            Text(label, left / 2.0, left), Text(message, left + (right / 2.0), right)).ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Box(int x, int width, string color) =>
        new(Svg + "rect", new XAttribute("x", x), new XAttribute("width", width), new XAttribute("height", Height), new XAttribute("fill", color));

    // The length makes it fit whatever font there is.
    private static XElement Text(string text, double middle, int width) => new(
        Svg + "text", new XAttribute("x", middle.ToString(CultureInfo.InvariantCulture)), new XAttribute("y", 14), new XAttribute("fill", "#fff"), new XAttribute("text-anchor", "middle"),
        new XAttribute("font-family", "Verdana,Geneva,DejaVu Sans,sans-serif"), new XAttribute("font-size", 11), new XAttribute("textLength", width - (2 * Padding)), text);

    private static int Width(string text) => (2 * Padding) + (int)Math.Ceiling(text.Sum(letter => letter < 128 ? 6.6 : 11));

    // What XML cannot hold at all, such as half of a pair.
    private static string Clean(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "�" : rune.ToString()));
}
