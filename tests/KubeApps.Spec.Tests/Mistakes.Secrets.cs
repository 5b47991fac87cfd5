namespace KubeApps.Spec.Tests;

// Secrets, and variables that hold them.
internal static partial class Mistakes
{
    private static readonly IReadOnlyList<Mistake> Secrets =
    [
        new("unknown key of a secret", "KUBEAPP1022", "'b'", app => WebContainer(app).Environment["A"] = app.Add(new Secret("s", SecretSource.Environment) { Keys = { ["a"] = "A" } }).Key("b")),
        new("password as text", "KUBEAPP1029", "DB_PASSWORD", app => WebContainer(app).Environment["DB_PASSWORD"] = "hunter2"),
        new("API key as text", "KUBEAPP1029", "Stripe__ApiKey", app => WebContainer(app).Environment["Stripe__ApiKey"] = "sk_live_1"),
        new("connection string with a password", "KUBEAPP1029", "ConnectionStrings__Shop", app => WebContainer(app).Environment["ConnectionStrings__Shop"] = "Host=db;Password=hunter2"),
        new("address with a password", "KUBEAPP1029", "QUEUE", app => WebContainer(app).Environment["QUEUE"] = "amqp://user:hunter2@queue"),
        new("password in a configuration", "KUBEAPP1029", "'db.json'", app => app.Add(new Config("c") { Values = { ["db.json"] = "Server=db;Pwd=hunter2;" } })),
        new("value where the name of a variable belongs", "KUBEAPP1029", "'key'", app => app.Add(new Secret("s", SecretSource.Environment) { Keys = { ["key"] = "hunter2!" } })),
        new("variables in a circle", "KUBEAPP1030", "refer to each other", app => { WebContainer(app).Environment["A"] = "$(B)"; WebContainer(app).Environment["B"] = "$(A)"; }),
        new("variable that refers to a later one", "KUBEAPP1030", "comes later", app => { WebContainer(app).Environment["A"] = "$(B)"; WebContainer(app).Environment["B"] = "b"; }),
        new("secret store without name", "KUBEAPP1031", "Store", app => app.Add(new Secret("s", SecretSource.Store) { Keys = { ["a"] = "b" } })),
        new("connection string in a file of several lines", "KUBEAPP1029", "'app.json'", app => app.Add(new Config("c") { Values = { ["app.json"] = "{\n  \"Shop\": \"Host=db;Password=hunter2\"\n}\n" } })),
        new("password in a JSON file", "KUBEAPP1029", "'Password' in the key 'app.json'", app => app.Add(new Config("c") { Values = { ["app.json"] = "{\n  \"Db\": { \"Password\": \"hunter2\" }\n}\n" } })),
        new("key in a YAML file", "KUBEAPP1029", "'apiKey'", app => app.Add(new Config("c") { Values = { ["app.yaml"] = "stripe:\n  apiKey: hunter2\n" } })),
        new("password in an argument", "KUBEAPP1029", "An argument", app => WebContainer(app).Args.Add("--connection=Host=db;Password=hunter2")),
        new("password of a short name", "KUBEAPP1029", "DB_PASS", app => WebContainer(app).Environment["DB_PASS"] = "hunter2"),
        new("key with a hyphen", "KUBEAPP1029", "Stripe.Api-Key", app => WebContainer(app).Environment["Stripe.Api-Key"] = "hunter2"),
        new("token that tells itself", "KUBEAPP1029", "DEPLOYER", app => WebContainer(app).Environment["DEPLOYER"] = "ghp_" + new string('a', 36)),
        new("token in an argument", "KUBEAPP1029", "An argument", app => WebContainer(app).Args.Add("--token=hunter2")),
        new("token behind its option", "KUBEAPP1029", "An argument", app => WebContainer(app).Args.AddRange(["--api-key", "hunter2"])),
        new("password in a probe", "KUBEAPP1029", "The liveness probe", app => WebContainer(app).LivenessProbe = Probe.Exec("redis-cli", "-u", "redis://user:hunter2@cache")),
        new("password before the stop", "KUBEAPP1029", "The PreStop", app => WebContainer(app).PreStop = PreStop.Exec("logout", "--password", "hunter2")),
        new("password in the command of a check", "KUBEAPP1029", "The command of the check", app => app.Checks.Add(Check.Run(["psql", "postgres://shop:hunter2@db"]))),
        new("password in an annotation", "KUBEAPP1029", "The annotation 'queue'", app => app.All<Deployment>().First().PodAnnotations["queue"] = "amqp://user:hunter2@queue"),
        new("password in YAML", "KUBEAPP1029", "A manifest", app => app.AddYaml("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {db: 'Host=db;Password=hunter2'}\n")),
        new("password in an object", "KUBEAPP1029", "An object", app => app.AddObject(new { apiVersion = "v1", kind = "ConfigMap", metadata = new { name = "a" }, data = new { db = "Host='db';Password=hunter2" } })),
        new("password in a patch", "KUBEAPP1029", "The patch of /spec/x", app => app.Patch("Deployment", "web").Set("/spec/x", "amqp://user:hunter2@queue")),
        new("generated secret with an origin", "KUBEAPP1031", "makes up its values", app => app.Add(new Secret("s", SecretSource.Generated) { Keys = { ["key"] = "hunter2" } })),
        new("secret of the deploy without keys", "KUBEAPP1031", "no keys", app => app.Add(new Secret("s", SecretSource.Environment))),
        new("secret store without a place", "KUBEAPP1031", "stands in the store", app => app.Add(new Secret("s", SecretSource.Store) { Store = "aws", Keys = { ["a"] = "" } })),
        new("existing secret with an origin", "KUBEAPP1031", "exists already", app => app.Add(new Secret("s") { Keys = { ["a"] = "b" } })),
    ];
}
