// One image, several programs: the first argument says which.
switch (args.FirstOrDefault())
{
    case "synonyms":
        Directory.CreateDirectory("synonyms");
        File.WriteAllText(Path.Combine("synonyms", "en.txt"), "light=lamp\ncarpet=rug\ncup=mug\n");
        return 0;
    case "import":
        Console.WriteLine($"The catalog would now go to {Environment.GetEnvironmentVariable("SEARCH_INDEX")}.");
        return 0;
    case "mapping":
        Console.WriteLine($"The fields of {Environment.GetEnvironmentVariable("SEARCH_INDEX")} would now be renamed.");
        return 0;
    case "smoke":
        return Search.Find("lamp", []).Length > 0 ? 0 : 1;
}

var pageSize = int.TryParse(Environment.GetEnvironmentVariable("SEARCH_PAGE_SIZE"), out var size) ? size : 10;
var file = Path.Combine("synonyms", "en.txt");
var synonyms = File.Exists(file)
    ? File.ReadLines(file).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => pair[1])
    : [];

var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/healthz", () => "ready");
app.MapGet("/search", (string q) => string.Join('\n', Search.Find(q, synonyms).Take(pageSize)));
app.Run();
return 0;

/// <summary>The built-in index: enough to see the service work.</summary>
internal static class Search
{
    private static readonly string[] Products = ["Enamel mug", "Desk lamp", "Wool rug"];

    public static string[] Find(string query, Dictionary<string, string> synonyms)
    {
        var word = synonyms.GetValueOrDefault(query, query);
        return [.. Products.Where(product => product.Contains(word, StringComparison.OrdinalIgnoreCase))];
    }
}
