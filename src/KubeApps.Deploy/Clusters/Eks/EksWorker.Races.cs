using Amazon.Runtime;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

// Other runs do the same at the same time, or a request was done whose answer was lost: what AWS refuses then is looked at again.
internal sealed partial class EksWorker
{
    // AWS's lists are late by seconds.
    private static readonly TimeSpan ListPatience = TimeSpan.FromMinutes(1);

    // What is refused so often is not refused because of others.
    private const int Looks = 12;

    /// <summary>Makes what AWS knows by its name, unless it is there: made by others meanwhile, it is found.</summary>
    private async Task<T> MadeAsync<T>(StepProgress progress, Func<Task<T?>> find, Func<Task> make, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            if (await find() is { } found)
                return found;
            try
            {
                await make();
                return await UntilAsync(find, cancellationToken);
            }
            // EKS has one word for what is there already and for what has to wait: which it is, the next look says.
            catch (Exception refusal) when (AwsRefusal.KindOf(refusal) == AwsFailure.Exists || IsPassing(refusal, progress))
            {
                await PauseAsync(refusal, progress, cancellationToken);
            }
        }
    }

    /// <summary>Has EKS change something, unless it is so already: what others change meanwhile is waited for and then looked at.</summary>
    /// <param name="what">For people: what is changed.</param>
    /// <param name="settled">What is to be changed, when nothing else is being changed in it.</param>
    /// <param name="isSo">Whether it is as it shall be.</param>
    /// <param name="change">Asks for the change.</param>
    /// <param name="which">How the change is asked about.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async Task<T> ChangedAsync<T>(
        string what, Func<Task<T>> settled, Func<T, bool> isSo, Func<T, Task<Update>> change, Func<Update, DescribeUpdateRequest> which, StepProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            var there = await settled();
            if (isSo(there))
                return there;
            try
            {
                await UpdatedAsync(what, which(await change(there)), progress, cancellationToken);
                return await settled();
            }
            catch (Exception refusal) when (IsPassing(refusal, progress))
            {
                await PauseAsync(refusal, progress, cancellationToken);
            }
        }
    }

    /// <summary>
    /// The one thing of its sort, which AWS knows by no name of ours: so each of several runs may have made one before it saw those of the others. All of
    /// them look again, keep the same one, and delete the others.
    /// </summary>
    /// <param name="find">The one to keep, and then those in which nothing is yet. All runs must find them in the same order.</param>
    /// <param name="make">Makes one.</param>
    /// <param name="delete">Deletes one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async Task<string> OnlyAsync(Func<Task<IReadOnlyList<string>>> find, Func<Task<string>> make, Func<string, Task> delete, CancellationToken cancellationToken)
    {
        for (var since = clock.GetTimestamp(); ;)
        {
            if (await find() is { Count: > 0 } found)
            {
                if ((await Task.WhenAll(found.Skip(1).Select(item => IsGoneByNowAsync(() => delete(item))))).All(isGone => isGone))
                    return found[0];
            }
            else
            {
                try
                {
                    var (made, then) = (await make(), clock.GetTimestamp());
                    // It may be a double that others delete before it is listed here.
                    await UntilAsync(async () => (await find()).Contains(made) || clock.GetElapsedTime(then) > ListPatience ? made : null, cancellationToken);
                }
                catch (Exception refusal) when (AwsRefusal.KindOf(refusal) == AwsFailure.Quota && clock.GetElapsedTime(since) < ListPatience)
                {
                    // The last one that the account may have may be the one that another run has just made.
                }
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    /// <summary>Does work from its beginning again where others have made or deleted a part of it at that moment.</summary>
    private async Task<T> AgainAsync<T>(StepProgress progress, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                return await work();
            }
            catch (Exception refusal) when (look < Looks && AwsRefusal.KindOf(refusal) is AwsFailure.Exists or AwsFailure.NotFound)
            {
                // The network was a double, and another run has deleted it.
                if ((refusal as AmazonServiceException)?.ErrorCode == "InvalidVpcID.NotFound")
                    _vpc = null;
                await PauseAsync(refusal, progress, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Deletes until all is gone. What a run that was cut has made last is listed only a moment later, and holds the rest until then: so all of it is looked
    /// for again each time.
    /// </summary>
    /// <param name="progress">Told what is waited for.</param>
    /// <param name="delete">Looks for it and deletes it; whether it is gone.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private Task UntilGoneAsync(StepProgress progress, Func<Task<bool>> delete, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        try
        {
            return await delete() ? "gone" : null;
        }
        catch (Exception refusal) when (IsPassing(refusal, progress))
        {
            Say(refusal, progress);
            return null;
        }
    }, cancellationToken);

    /// <summary>Deletes what may be somebody's by now.</summary>
    /// <returns>Whether it is gone.</returns>
    private static async Task<bool> IsGoneByNowAsync(Func<Task> delete)
    {
        try
        {
            await IsGoneAsync(delete());
            return true;
        }
        catch (Exception refusal) when (AwsRefusal.KindOf(refusal) == AwsFailure.InUse)
        {
            return false;
        }
    }

    private Task PauseAsync(Exception refusal, StepProgress progress, CancellationToken cancellationToken)
    {
        Say(refusal, progress);
        return Task.Delay(Poll, clock, cancellationToken);
    }

    private static void Say(Exception refusal, StepProgress progress) => progress.Say($"waiting, for AWS says: {AwsRefusal.Words(refusal.Message)}");
}
