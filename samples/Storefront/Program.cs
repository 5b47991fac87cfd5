using System.Net;
using System.Text.Json;
using Storefront;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, StorefrontJson.Default));
builder.Services.AddSingleton(new OrderStore(builder.Configuration["STOREFRONT_DATA"] ?? "data"));
builder.Services.AddSingleton(new Receipts(builder.Configuration["STOREFRONT_SIGNING_KEY"] ?? ""));

var catalogFile = builder.Configuration["STOREFRONT_CATALOG"] ?? Path.Combine("config", "catalog.json");
var catalog = JsonSerializer.Deserialize(File.ReadAllText(catalogFile), StorefrontJson.Default.ProductArray) ?? [];
var greeting = builder.Configuration["STOREFRONT_GREETING"] ?? "Welcome";

var app = builder.Build();

// Live: the process answers. Ready: it can do its work, that is, it can sign receipts and reach its store.
app.MapGet("/healthz/live", () => "live");
app.MapGet("/healthz/ready", (OrderStore orders, Receipts receipts) =>
    receipts.CanSign && orders.IsMigrated ? Results.Text("ready") : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));

app.MapGet("/", () => Results.Content(
    $"""
    <!doctype html><title>Storefront</title>
    <h1>{WebUtility.HtmlEncode(greeting)}</h1>
    <ul>{string.Concat(catalog.Select(p => $"<li>{WebUtility.HtmlEncode(p.Name)}: {p.Price:0.00}</li>"))}</ul>
    <p>Served by {WebUtility.HtmlEncode(Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName)}.</p>
    """, "text/html; charset=utf-8"));

app.MapGet("/products", () => catalog);

app.MapGet("/orders/{id:guid}", (Guid id, OrderStore orders) => orders.Find(id) is { } order ? Results.Ok(order) : Results.NotFound());

app.MapPost("/orders", (OrderRequest request, OrderStore orders, Receipts receipts) =>
{
    if (catalog.FirstOrDefault(p => p.Id == request.Product) is not { } product)
        return Results.NotFound();
    if (request.Quantity is < 1 or > 100)
        return Results.BadRequest("Between 1 and 100 pieces, please.");
    var id = Guid.NewGuid();
    var order = new Order(id, product.Id, request.Quantity, product.Price * request.Quantity, OrderState.Placed, receipts.Sign(id));
    orders.Save(order);
    return Results.Created($"/orders/{id}", order);
});

app.Run();
