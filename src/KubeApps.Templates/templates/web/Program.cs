var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/", () => "Hello from KubeAppWeb!");
app.MapGet("/healthz", () => "ok");

app.Run();
