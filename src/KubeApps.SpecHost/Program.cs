Console.Error.WriteLine("The specification host is started by the build.");
return 64;
