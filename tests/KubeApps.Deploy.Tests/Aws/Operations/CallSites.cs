using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>Which methods an assembly's code calls, read from the code itself.</summary>
internal static class CallSites
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The types and names of the methods that are called, each once.</summary>
    public static IReadOnlySet<(string Type, string Method)> In(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var calls = new HashSet<(string, string)>();
        foreach (var handle in metadata.MethodDefinitions)
        {
            if (metadata.GetMethodDefinition(handle).RelativeVirtualAddress is > 0 and var address)
                Read(metadata, file.GetMethodBody(address).GetILReader(), calls);
        }

        return calls;
    }

    private static void Read(MetadataReader metadata, BlobReader body, HashSet<(string, string)> calls)
    {
        while (body.RemainingBytes > 0)
        {
            int value = body.ReadByte();
            if (value == 0xFE)
                value = 0xFE00 | body.ReadByte();
            var code = Codes[value];
            if (code.OperandType == OperandType.InlineMethod && Called(metadata, MetadataTokens.EntityHandle(body.ReadInt32())) is { } call)
                calls.Add(call);
            else if (code.OperandType == OperandType.InlineSwitch)
                Skip(ref body, 4 * body.ReadInt32());
            else if (code.OperandType != OperandType.InlineMethod)
                Skip(ref body, Size(code.OperandType));
        }
    }

    private static void Skip(ref BlobReader body, int count) => body.Offset += count;

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static (string, string)? Called(MetadataReader metadata, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                var own = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return (metadata.GetString(metadata.GetTypeDefinition(own.GetDeclaringType()).Name), metadata.GetString(own.Name));
            case HandleKind.MemberReference:
                var other = metadata.GetMemberReference((MemberReferenceHandle)handle);
                return other.Parent.Kind == HandleKind.TypeReference
                    ? (metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)other.Parent).Name), metadata.GetString(other.Name))
                    : null;
            default:
                return null;
        }
    }
}
