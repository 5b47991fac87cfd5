var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddHealthChecks();
var app = builder.Build();
app.MapHealthChecks("/healthz");
app.MapGet("/", () => new[] { "mug", "lamp", "rug" });
app.Run();
