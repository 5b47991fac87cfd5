var app = WebApplication.Create(args);
app.MapGet("/", () => "Hello from a web app without a specification.\n");
app.Run();
