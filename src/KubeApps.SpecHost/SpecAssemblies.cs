using System.Reflection;
using System.Runtime.Loader;

namespace KubeApps.SpecHost;

/// <summary>
/// Finds the app's assemblies for a specification that uses its types. The frameworks and KubeApps.Spec come from this process; the rest
/// from the app's deps file, the shared specification libraries, or the folders of either.
/// </summary>
internal static class SpecAssemblies
{
    public static void Resolve(EvaluationRequest request)
    {
        AssemblyDependencyResolver? appDependencies = null;
        var appDependenciesRead = false;

        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Find(name) is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            AppDependencies()?.ResolveUnmanagedDllToPath(name) is { } path
                ? System.Runtime.InteropServices.NativeLibrary.Load(path)
                : 0;

        string? Find(AssemblyName name) =>
            request.References.FirstOrDefault(path =>
                string.Equals(Path.GetFileNameWithoutExtension(path), name.Name, StringComparison.OrdinalIgnoreCase) && File.Exists(path))
            ?? AppDependencies()?.ResolveAssemblyToPath(name)
            ?? FolderCandidates(name).FirstOrDefault(File.Exists);

        IEnumerable<string> FolderCandidates(AssemblyName name) => request.References
            .Prepend(request.AppAssembly)
            .Select(path => Path.Combine(Path.GetDirectoryName(path)!, name.Name + ".dll"));

        AssemblyDependencyResolver? AppDependencies()
        {
            if (appDependenciesRead)
                return appDependencies;
            appDependenciesRead = true;
            try
            {
                appDependencies = new AssemblyDependencyResolver(request.AppAssembly);
            }
            catch (InvalidOperationException)
            {
                // A deps file that the host does not accept (or none): its folder is still searched.
            }

            return appDependencies;
        }
    }
}
