using KubeApps.Rendering;

namespace KubeApps.Core.Tests;

/// <summary>Which environments get the digests of one push: those that can pull from where it goes.</summary>
public class SharedEnvironmentsTests
{
    private const string Company = "registry.example.com/team";

    private static readonly DeployEnvironment[] Environments =
    [
        new("local"),
        new("preview"),
        new("staging", Target.Context("staging").WithRegistry(Company)),
        new("prod", Target.Context("prod").WithRegistry(Company)),
        new("customer", Target.Context("customer").WithRegistry("registry.customer.com")),
        new("anywhere", Target.Context("anywhere")),
        new("eu", Target.Eks("123456789012", "eu-central-1")),
        new("eu-too", Target.Eks("123456789012", "eu-central-1")),
        new("us", Target.Eks("123456789012", "us-east-1")),
        new("shared", Target.Eks("123456789012", "us-east-1").WithRegistry(Company)),
    ];

    [Theory]
    [InlineData("local", "local preview")]
    [InlineData("staging", "staging prod anywhere shared")]
    [InlineData("customer", "customer anywhere")]
    [InlineData("eu", "anywhere eu eu-too")]
    [InlineData("anywhere", "anywhere")]
    public void Of_AnAppThatBuildsImages_ServesWhatPullsFromTheSamePlace(string chosen, string served)
    {
        var shared = Shared(chosen, app => Run(app, Image.ThisProject));

        Assert.Equal(served.Split(' '), shared.Document.Environments.Select(model => model.Environment.Name));
        Assert.Equal(
            Environments.Select(item => item.Name).Except(served.Split(' ')), shared.LeftOut.Select(item => item.Name));
    }

    [Theory]
    [InlineData("local", "prod", "its images go to registry.example.com/team")]
    [InlineData("local", "anywhere", "it names no registry that its cluster can pull from")]
    [InlineData("local", "us", "its images go to the registry of the account 123456789012 in us-east-1")]
    [InlineData("prod", "preview", "its images go to the sandbox's own registry")]
    public void Of_AnEnvironmentThatIsLeftOut_SaysWhy(string chosen, string other, string reason) =>
        Assert.Contains((other, reason), Shared(chosen, app => Run(app, Image.ThisProject)).LeftOut);

    [Fact]
    public void Of_AnAppThatBuildsNothing_ServesAll() =>
        Assert.Empty(Shared("local", app => Run(app, Image.Reference("docker.io/library/nginx:1"))).LeftOut);

    [Fact]
    public void Of_AnEnvironmentOfTheSandboxForAnotherCluster_GoesByItsRegistry()
    {
        var document = Rendered.Evaluate(new Rendered.Spec(
            app => Run(app, Image.ThisProject), new("local", Target.Sandbox.WithRegistry(Company)), new("preview"), new("prod", Target.Context("prod").WithRegistry(Company))));

        var shared = SharedEnvironments.Of(document, document.Environments[0], usesSandbox: false);

        // The one of the sandbox that names no registry would take what there is, if it went elsewhere, too.
        Assert.Equal(["local", "preview", "prod"], shared.Document.Environments.Select(model => model.Environment.Name).Order());
    }

    [Fact]
    public void Render_WhatIsShared_HasOneSetOfDigests()
    {
        var shared = Shared("staging", app => Run(app, Image.ThisProject));

        var bundle = Rendered.Bundle(shared.Document);

        var digest = Assert.Single(bundle.Images).Value.Reference;
        Assert.All(
            bundle.Environments,
            environment => Assert.Equal(digest, (string?)environment.Object("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]));
    }

    private static void Run(KubeAppModel app, Image image) => app.Add(new Deployment("web")).Containers.Add(new Container("web", image));

    private static SharedEnvironments Shared(string chosen, Action<KubeAppModel> define)
    {
        var document = Rendered.Evaluate(new Rendered.Spec(define, Environments));
        return SharedEnvironments.Of(document, document.Environments.Single(model => model.Environment.Is(chosen)));
    }
}
