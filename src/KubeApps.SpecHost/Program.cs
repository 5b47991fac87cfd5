using System.Runtime.CompilerServices;
using KubeApps.Processes;
using KubeApps.SpecHost;

if (args is not [var requestFile])
{
    Console.Error.WriteLine("The specification host is started by the build: dotnet exec KubeApps.SpecHost.dll REQUEST.json");
    return 64;
}

// Data goes to files, so whatever the specification prints is narrative. This comes before any of its code can run.
Console.SetOut(Console.Error);
// Standard input is the build's way to say that it is gone; a specification that reads it finds it empty.
CallersPipe.Watch(() => Environment.Exit(1));
Console.SetIn(TextReader.Null);

var request = EvaluationRequest.Read(requestFile);
SpecAssemblies.Resolve(request);
return Run(request);

// Apart from Main: the resolver must be in place before the JIT meets a type of KubeApps.Spec.
[MethodImpl(MethodImplOptions.NoInlining)]
static int Run(EvaluationRequest request) => Evaluation.Run(request);
