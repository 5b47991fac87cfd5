using System.Globalization;
using System.Text.Json;
using KubeApps.Sandbox.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace KubeApps.Sandbox.Edge;

/// <summary>
/// What the edge proxy is told and asked: <c>PUT</c> and <c>DELETE /routes/APP/ENVIRONMENT</c>, <c>GET /routes</c>, and
/// <c>GET /routes/APP/ENVIRONMENT/load/CLUSTER?milliseconds=N</c>. Ready and stop are as the sandbox has them.
/// </summary>
internal sealed class EdgeApi(EdgeTable table, IHostApplicationLifetime lifetime)
{
    public async Task HandleAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (context.Request.Method, parts)
        {
            case ("GET", ["readyz"]):
                await context.Response.WriteAsync("ok", context.RequestAborted);
                break;
            case ("POST", ["sandbox", "stop"]):
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.OnCompleted(() =>
                {
                    lifetime.StopApplication();
                    return Task.CompletedTask;
                });
                break;
            case ("GET", ["routes"]):
                await AnswerAsync(context, JsonSerializer.SerializeToUtf8Bytes(table.Routes, EdgeJson.Default.EdgeRoutes));
                break;
            case ("PUT", ["routes", var app, var environment]):
                await PutAsync(context, app, environment);
                break;
            case ("DELETE", ["routes", var app, var environment]):
                table.Delete(app, environment);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case ("GET", ["routes", var app, var environment, "load", var cluster]):
                await MeasureAsync(context, app, environment, cluster);
                break;
            default:
                await Gate.RefuseApiAsync(context, StatusCodes.Status404NotFound, "NotFound", "The edge proxy has nothing there.");
                break;
        }
    }

    private async Task PutAsync(HttpContext context, string app, string environment)
    {
        WantedRoute? wanted;
        try
        {
            wanted = await JsonSerializer.DeserializeAsync(context.Request.Body, EdgeJson.Default.WantedRoute, context.RequestAborted);
        }
        catch (JsonException)
        {
            wanted = null;
        }

        if ((wanted is null ? "The body is no route." : wanted.Mistake()) is { } mistake)
        {
            await Gate.RefuseApiAsync(context, StatusCodes.Status400BadRequest, "BadRequest", mistake);
            return;
        }

        table.Put(app, environment, wanted!);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task MeasureAsync(HttpContext context, string app, string environment, string cluster)
    {
        var isSpan = int.TryParse(context.Request.Query["milliseconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var span) && span > 0;
        if (!isSpan)
            await Gate.RefuseApiAsync(context, StatusCodes.Status400BadRequest, "BadRequest", "Say for how many milliseconds.");
        else if (table.Measure(app, environment, cluster, TimeSpan.FromMilliseconds(span)) is { } load)
            await AnswerAsync(context, JsonSerializer.SerializeToUtf8Bytes(load, EdgeJson.Default.EdgeLoad));
        else
            await Gate.RefuseApiAsync(context, StatusCodes.Status404NotFound, "NotFound", "There is no such route.");
    }

    private static async Task AnswerAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
