using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Records;

/// <summary>The next thing that GitHub gets.</summary>
/// <param name="Revision">Of which revision.</param>
/// <param name="State">The state.</param>
/// <param name="All">All revisions of the app.</param>
/// <param name="Phase">What is done right now, for a rollout that is under way.</param>
/// <param name="IsKept">Whether the revision's object says that GitHub has it: what is over in a moment is not worth a write.</param>
/// <param name="MayExist">Whether GitHub may have a deployment of it that nobody here knows of.</param>
/// <param name="By">Who does it; null: who made the revision.</param>
internal sealed record RecordMove(Revision Revision, string State, IReadOnlyList<Revision> All, string? Phase, bool IsKept, bool MayExist, Author? By);

/// <summary>
/// What the run knows of its app's revisions and their records, and so what GitHub is to get next. One thread tells it how the deploy goes, another
/// one how the delivery does.
/// </summary>
/// <param name="repository">The repository.</param>
/// <param name="mostPhases">A record is read by people: a handful of phases, however many steps a deploy has.</param>
internal sealed class RecordLedger(GitHubRepository repository, int mostPhases = 5)
{
    // GitHub takes a hundred states of a deployment, whoever sends them. What is held again and again, by one run after the other, leaves room for its end.
    private const int MostTold = 50;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, Revision> _revisions = [];
    private readonly HashSet<int> _refused = [];
    private readonly HashSet<int> _uncertain = [];
    private readonly SortedSet<int> _sent = [];
    private int? _underWay;
    private int? _held;
    private string? _phase;
    private int _phases;
    private string? _said;
    // What GitHub shows of the one that is under way.
    private string? _shown;
    private int? _goingOn;
    private (int Number, Author By)? _author;
    private bool _isCancelled;
    private bool _isDown;

    public void Know(IEnumerable<Revision> revisions, int? held = null)
    {
        lock (_gate)
        {
            foreach (var revision in revisions)
                if (_revisions.TryAdd(revision.Number, revision))
                    _uncertain.Add(revision.Number);
            _held = held;
        }
    }

    /// <summary>As the cluster has them now; of what was sent meanwhile, this run knows more.</summary>
    public void Learn(IEnumerable<Revision> revisions, int? held)
    {
        lock (_gate)
        {
            foreach (var revision in revisions)
            {
                if (!_revisions.TryGetValue(revision.Number, out var known))
                    _uncertain.Add(revision.Number);
                _revisions[revision.Number] = known is not null && _sent.Contains(revision.Number) ? revision with { Record = known.Record, IsGone = known.IsGone } : revision;
            }

            _held = held;
            if (_goingOn is null)
                return;
            // What was done with it is over, and it waits again; or it ended, or is left half done.
            (_underWay, _phase) = held == _goingOn && _said is not (null or RecordText.Held) ? (held, RecordText.Held) : (null, null);
        }
    }

    /// <summary>A revision that another run made is under way in this one.</summary>
    public void GoOn(int number, Author by)
    {
        lock (_gate)
            (_underWay, _held, _phase, _shown, _phases, _goingOn, _author) = (number, null, null, null, 0, number, (number, by));
    }

    /// <summary>Whether GitHub was told of something that this run did with a revision of another one.</summary>
    public bool HasSpoken
    {
        get
        {
            lock (_gate)
                return _goingOn is not null && _said is not null;
        }
    }

    /// <param name="revision">What is under way from now on.</param>
    /// <param name="mayExist">Whether GitHub may have a deployment of it that nobody here knows of.</param>
    /// <param name="by">Who is at it; null: who made it.</param>
    public void Begin(Revision revision, bool mayExist = false, Author? by = null)
    {
        lock (_gate)
        {
            if (!_revisions.TryAdd(revision.Number, revision))
                return;
            if (mayExist)
                _uncertain.Add(revision.Number);
            _author = by is null ? null : (revision.Number, by);
            (_underWay, _held, _phase, _shown, _phases) = (revision.Number, null, null, null, 0);
        }
    }

    /// <summary>What is done from now on; what is shown already is not said again.</summary>
    public void Say(string phase)
    {
        lock (_gate)
        {
            if (_underWay is not null && _held is null && _phases < mostPhases)
                _phase = phase == _shown ? null : phase;
        }
    }

    /// <summary>The run is asked to end: the rollout that is under way has failed, whatever is left to clean up.</summary>
    public void Cancel()
    {
        lock (_gate)
            _isCancelled = true;
    }

    public void End(Revision revision, bool isHeld)
    {
        lock (_gate)
        {
            if (!_revisions.TryGetValue(revision.Number, out var known))
                return;
            _revisions[revision.Number] = revision with { Record = known.Record };
            if (isHeld)
                (_held, _phase) = (revision.Number, RecordText.Held);
            else
                _underWay = null;
        }
    }

    /// <summary>The objects of these were taken away.</summary>
    public void TakeAway(IEnumerable<Revision> revisions)
    {
        lock (_gate)
        {
            foreach (var number in revisions.Select(item => item.Number).Where(_revisions.ContainsKey))
                _revisions[number] = _revisions[number] with { IsGone = true };
        }
    }

    /// <summary>Null: GitHub has all of it, or gets no more of it in this run.</summary>
    public RecordMove? Next()
    {
        lock (_gate)
        {
            if (_isDown)
                return null;
            IReadOnlyList<Revision> all = [.. _revisions.Values.Select(item => item.Number == _underWay && IsCut
                ? item with { State = item.State with { Outcome = RevisionOutcome.Cancelled } }
                : item)];
            var owed = RecordRules.Owed(all, repository, _held).Where(item => !_refused.Contains(item.Revision.Number)).ToList();
            if (owed.FirstOrDefault(item => !item.IsFarewell) is { } first)
                return Move(first.Revision, first.State, all, first.State == RecordState.InProgress ? RecordText.Held : null, isKept: true);
            if (_underWay is { } number && !_refused.Contains(number) && all.First(item => item.Number == number) is { Record: { IsDeleted: false } mark } current && !IsCut)
            {
                if (mark.Id is null || mark.State is null)
                    return Move(current, RecordState.Queued, all, null, isKept: false);
                if (_phase is { } phase && mark.Statuses < MostTold)
                    return Move(current, RecordState.InProgress, all, phase, isKept: _held == number);
            }

            return owed.FirstOrDefault() is { } last ? Move(last.Revision, last.State, all, null, isKept: true) : null;
        }
    }

    /// <summary>GitHub has a deployment of it.</summary>
    public Revision Created(Revision revision, RecordMark mark) => Update(revision.Number, known => known with { Id = mark.Id, Cluster = mark.Cluster });

    /// <summary>GitHub has it no more.</summary>
    public Revision Deleted(Revision revision) => Update(revision.Number, known => known with { IsDeleted = true });

    public Revision Sent(RecordMove move)
    {
        lock (_gate)
        {
            // What began meanwhile is still to be said.
            if (move.State == RecordState.InProgress)
                (_phase, _phases, _said, _shown) = (_phase == move.Phase ? null : _phase, _phases + 1, move.Phase, move.Phase);
            _sent.Add(move.Revision.Number);
            return Update(move.Revision.Number, known => known with { State = move.State, Statuses = known.Statuses + 1 });
        }
    }

    /// <summary>Nothing more of this revision: GitHub does not take it.</summary>
    public void Refused(Revision revision)
    {
        lock (_gate)
            _refused.Add(revision.Number);
    }

    /// <summary>An answer did not come: GitHub may have what it was sent.</summary>
    public void Lost(Revision revision)
    {
        lock (_gate)
            _uncertain.Add(revision.Number);
    }

    /// <summary>The revisions of which GitHub got something.</summary>
    public IReadOnlyList<Revision> Delivered
    {
        get
        {
            lock (_gate)
                return [.. _sent.Select(number => _revisions[number])];
        }
    }

    /// <summary>All, where GitHub does not have everything of them; else none.</summary>
    public IReadOnlyList<Revision> Owed
    {
        get
        {
            lock (_gate)
            {
                IReadOnlyList<Revision> all = [.. _revisions.Values];
                return RecordRules.Owed(all, repository, _held).Count > 0 ? [.. all.Where(item => item.Record is not null)] : [];
            }
        }
    }

    public bool IsDown
    {
        get
        {
            lock (_gate)
                return _isDown;
        }

        set
        {
            lock (_gate)
                _isDown = value;
        }
    }

    public Revision? Find(int? number)
    {
        lock (_gate)
            return number is { } known && _revisions.TryGetValue(known, out var revision) ? revision : null;
    }

    // Who goes on with what another run made leaves it as it is when it is asked to end: it waits, or stands half done.
    private bool IsCut => _isCancelled && _held is null && _goingOn is null;

    private RecordMove Move(Revision revision, string state, IReadOnlyList<Revision> all, string? phase, bool isKept) =>
        new(revision, state, all, phase, isKept, _uncertain.Contains(revision.Number), _author is { } author && author.Number == revision.Number ? author.By : null);

    private Revision Update(int number, Func<RecordMark, RecordMark> change)
    {
        lock (_gate)
            return _revisions[number] = _revisions[number] with { Record = change(_revisions[number].Record!) };
    }
}
