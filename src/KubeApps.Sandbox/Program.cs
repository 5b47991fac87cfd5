Console.Error.WriteLine("The sandbox is started by 'dotnet kubeapp sandbox start'.");
return 64;
