using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Objects;

/// <summary>An amount as Kubernetes writes it (<c>500m</c>, <c>1.5Gi</c>, <c>1e3</c>), exact to a billionth.</summary>
internal readonly partial struct Quantity : IComparable<Quantity>, IEquatable<Quantity>
{
    public const string FormatError =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    public const string SuffixError = "unable to parse quantity's suffix";

    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly BigInteger Billion = 1_000_000_000;

    private readonly BigInteger _billionths;
    private readonly Format _format;

    private Quantity(BigInteger billionths, Format format)
    {
        _billionths = billionths;
        _format = format;
    }

    private enum Format
    {
        Decimal,
        Binary,
        Exponent,
    }

    public int Sign => _billionths.Sign;

    /// <summary>The value, rounded up to a whole number.</summary>
    public BigInteger RoundedUp => DivideUp(_billionths, Billion);

    /// <returns>An error as the server words it, or null.</returns>
    public static string? TryParse(string text, out Quantity quantity)
    {
        quantity = default;
        var match = Shape().Match(text);
        if (!match.Success || match.Groups["whole"].Length + match.Groups["part"].Length == 0)
            return FormatError;

        var suffix = match.Groups["suffix"].Value;
        var format = Format.Decimal;
        var power = 0;
        var factor = BigInteger.One;
        if (suffix.Length == 2 && suffix[1] == 'i' && Array.IndexOf(BinarySuffixes, suffix) is var binary and > 0)
        {
            format = Format.Binary;
            factor = BigInteger.Pow(1024, binary);
        }
        else if (Array.IndexOf(DecimalSuffixes, suffix) is var place and >= 0)
        {
            power = (place - 3) * 3;
        }
        else if (suffix.Length > 1 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power))
        {
            format = Format.Exponent;
        }
        else
        {
            return SuffixError;
        }

        var part = match.Groups["part"].Value;
        var digits = BigInteger.Parse("0" + match.Groups["whole"].Value + part, CultureInfo.InvariantCulture) * factor;
        power += 9 - part.Length;
        var billionths = power >= 0 ? digits * BigInteger.Pow(10, Math.Min(power, 60)) : DivideUp(digits, BigInteger.Pow(10, Math.Min(-power, 60)));
        if (format == Format.Binary && billionths > 0 && billionths < Billion)
            format = Format.Decimal;
        quantity = new Quantity(match.Groups["sign"].Value == "-" ? -billionths : billionths, format);
        return null;
    }

    /// <summary>The canonical form: no fraction, the largest suffix that is exact.</summary>
    public override string ToString()
    {
        if (_billionths.IsZero)
            return "0";
        var format = _format == Format.Binary && BigInteger.Abs(_billionths) < 1024 * Billion ? Format.Decimal : _format;
        if (format == Format.Binary)
        {
            var whole = RoundedUp;
            var step = 0;
            while (step < BinarySuffixes.Length - 1 && whole % 1024 == 0)
            {
                whole /= 1024;
                step++;
            }

            return whole.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[step];
        }

        var value = _billionths;
        var place = 0;
        while (place < DecimalSuffixes.Length - 1 && value % 1000 == 0)
        {
            value /= 1000;
            place++;
        }

        var suffix = format == Format.Decimal ? DecimalSuffixes[place]
            : place == 3 ? "" : string.Create(CultureInfo.InvariantCulture, $"e{(place - 3) * 3}");
        return value.ToString(CultureInfo.InvariantCulture) + suffix;
    }

    public int CompareTo(Quantity other) => _billionths.CompareTo(other._billionths);

    public bool Equals(Quantity other) => _billionths == other._billionths;

    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    public override int GetHashCode() => _billionths.GetHashCode();

    public static Quantity operator +(Quantity left, Quantity right) => new(left._billionths + right._billionths, left._format);

    private static BigInteger DivideUp(BigInteger value, BigInteger divisor)
    {
        var result = BigInteger.DivRem(value, divisor, out var rest);
        return rest.Sign > 0 ? result + 1 : rest.Sign < 0 ? result - 1 : result;
    }

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<whole>[0-9]*)(\.(?<part>[0-9]*))?(?<suffix>[eEinumkKMGTP]*[-+]?[0-9]*)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
