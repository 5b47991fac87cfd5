using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Storefront;

public sealed record Product(string Id, string Name, decimal Price);

public sealed record OrderRequest(string Product, int Quantity);

public sealed record Order(Guid Id, string Product, int Quantity, decimal Total, OrderState State, string Receipt);

public enum OrderState
{
    Placed,
    Shipped,
}

/// <summary>Orders as files in a folder that the web pods and the worker share. The migration Job brings it to <see cref="SchemaVersion"/>.</summary>
public sealed class OrderStore(string folder)
{
    public const int SchemaVersion = 1;

    private string SchemaFile => Path.Combine(folder, "schema-version");

    private string OrderFolder => Path.Combine(folder, "orders");

    public bool IsMigrated => File.Exists(SchemaFile) && File.ReadAllText(SchemaFile) == $"{SchemaVersion}";

    public void Migrate()
    {
        Directory.CreateDirectory(OrderFolder);
        Write(SchemaFile, $"{SchemaVersion}");
    }

    public void Save(Order order) => Write(FileOf(order.Id), JsonSerializer.Serialize(order, StorefrontJson.Default.Order));

    public Order? Find(Guid id) => File.Exists(FileOf(id)) ? Read(FileOf(id)) : null;

    public IEnumerable<Order> Placed() =>
        Directory.EnumerateFiles(OrderFolder, "*.json").Select(Read).Where(order => order.State == OrderState.Placed);

    private string FileOf(Guid id) => Path.Combine(OrderFolder, $"{id:n}.json");

    private static Order Read(string file) => JsonSerializer.Deserialize(File.ReadAllText(file), StorefrontJson.Default.Order)!;

    // Readers never see half a file: write beside it, then rename.
    private static void Write(string file, string content)
    {
        var temporary = $"{file}.{Guid.NewGuid():n}.tmp";
        File.WriteAllText(temporary, content);
        File.Move(temporary, file, overwrite: true);
    }
}

/// <summary>Signs receipts with a key that comes from a secret.</summary>
public sealed class Receipts(string key)
{
    public bool CanSign => key.Length > 0;

    public string Sign(Guid order) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), order.ToByteArray()));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Product[]))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderRequest))]
public sealed partial class StorefrontJson : JsonSerializerContext;
