using System.Text;
using KubeApps;
using KubeApps.Processes;
using KubeApps.SpecHost;

// Data goes to files, so whatever the specification prints is narrative. This comes before any of its code can run.
Console.SetOut(Console.Error);

// The build starts this process while it still compiles the app: until the request comes, the evaluation itself is compiled.
_ = Task.Run(SpecEvaluation.Rehearse);
if (ReadLine(Console.OpenStandardInput()) is not { } requestFile)
{
    Console.Error.WriteLine("The specification host is started by the build, which writes the path of a request to its standard input.");
    return 64;
}

// From now on standard input is the build's way to say that it is gone; a specification that reads it finds it empty.
CallersPipe.Watch(() => Environment.Exit(1));
Console.SetIn(TextReader.Null);

var request = EvaluationRequest.Read(requestFile);
SpecAssemblies.Resolve(request);
return Evaluation.Run(request);

// Byte by byte: nothing is taken from the input that comes after the line.
static string? ReadLine(Stream input)
{
    List<byte> line = [];
    while (input.ReadByte() is var next and >= 0)
    {
        if (next == '\n')
            return Encoding.UTF8.GetString([.. line]);
        line.Add((byte)next);
    }

    return null;
}
