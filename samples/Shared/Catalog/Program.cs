var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddHealthChecks();
var app = builder.Build();
app.MapHealthChecks("/healthz");

// What Prometheus reads: one counter is enough to see it work.
var requests = 0L;
app.Use((context, next) =>
{
    Interlocked.Increment(ref requests);
    return next(context);
});
app.MapGet("/metrics", () => $"# TYPE catalog_requests_total counter\ncatalog_requests_total {Interlocked.Read(ref requests)}\n");

app.MapGet("/", () => new[] { "mug", "lamp", "rug" });
app.Run();
