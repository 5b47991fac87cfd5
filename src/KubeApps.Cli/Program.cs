Console.Error.WriteLine("dotnet kubeapp: no command yet.");
return 64;
