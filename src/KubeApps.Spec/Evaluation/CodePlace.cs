using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>
/// A place in compiled code, for what no compiler fills a line in: a property that is set or overridden. To remember it costs next to nothing;
/// file and line are looked up in the symbols when there is an error to tell.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Offset">The place in its IL; 0: where it begins.</param>
internal sealed record CodePlace(MethodBase Method, int Offset = 0)
{
    /// <summary>Where the specification called what calls this.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A program from which code was removed evaluates no specification: the host does.")]
    public static CodePlace? OfCaller()
    {
        for (var depth = 1; new StackFrame(depth, needFileInfo: false) is var frame && frame.GetMethod() is { } method; depth++)
            if (method.Module.Assembly != typeof(CodePlace).Assembly)
                return new CodePlace(method, Math.Max(0, frame.GetILOffset()));
        return null;
    }

    /// <summary>File and line; null where there are no symbols.</summary>
    public SourceLocation? Find()
    {
        try
        {
            var assembly = Method.Module.Assembly.Location;
            if (assembly.Length == 0)
                return null;
            using var image = new PEReader(File.OpenRead(assembly));
            if (!image.TryOpenAssociatedPortablePdb(assembly, path => File.Exists(path) ? File.OpenRead(path) : null, out var provider, out _) || provider is null)
                return null;
            using var symbols = provider;
            var reader = symbols.GetMetadataReader();
            var handle = ((MethodDefinitionHandle)MetadataTokens.EntityHandle(Method.MetadataToken)).ToDebugInformationHandle();
            var points = reader.GetMethodDebugInformation(handle).GetSequencePoints().Where(point => !point.IsHidden).ToList();
            if (points.Count == 0)
                return null;
            var point = points.FindLast(point => point.Offset <= Offset) is { Document.IsNil: false } found ? found : points[0];
            return new SourceLocation(reader.GetString(reader.GetDocument(point.Document).Name), point.StartLine);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidOperationException or InvalidCastException)
        {
            return null;
        }
    }
}
