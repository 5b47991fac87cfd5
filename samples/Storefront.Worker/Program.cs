using Storefront;

var store = new OrderStore(Environment.GetEnvironmentVariable("STOREFRONT_DATA") ?? "data");

// The same image runs as the migration Job before every rollout: "Storefront.Worker migrate".
if (args is ["migrate"])
{
    Console.WriteLine(store.IsMigrated ? $"The store is at version {OrderStore.SchemaVersion} already." : $"Migrating the store to version {OrderStore.SchemaVersion}.");
    store.Migrate();
    return;
}

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton(store);
builder.Services.AddHostedService<Shipping>();
builder.Build().Run();

/// <summary>Ships what was ordered.</summary>
internal sealed class Shipping(OrderStore orders, ILogger<Shipping> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            foreach (var order in orders.Placed())
            {
                orders.Save(order with { State = OrderState.Shipped });
                log.LogInformation("Shipped {Quantity} x {Product}, order {Order}", order.Quantity, order.Product, order.Id);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
