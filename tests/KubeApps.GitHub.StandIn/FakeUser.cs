namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/rest/users/users#get-the-authenticated-user: who asks, where that is a person.</summary>
internal static class FakeUser
{
    public static FakeAnswer Get(FakeRequest request)
    {
        var user = FakeAnswer.User(request, request.Repository.Login)!;
        // The token of a workflow is of no person.
        if ((string?)user["type"] == "Bot")
            return FakeAnswer.Refused(403, "Resource not accessible by integration");
        foreach (var name in (string[])["name", "company", "blog", "location", "email", "hireable", "bio"])
            user[name] = null;
        foreach (var name in (string[])["public_repos", "public_gists", "followers", "following"])
            user[name] = 0;
        foreach (var name in (string[])["created_at", "updated_at"])
            user[name] = "2011-01-25T18:44:36Z";
        return new FakeAnswer(200, user);
    }
}
