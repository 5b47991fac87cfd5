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
app.MapGet("/metrics", () => $"# TYPE billing_requests_total counter\nbilling_requests_total {Interlocked.Read(ref requests)}\n");

app.MapGet("/", () => "Billing is open.");
app.Run();
