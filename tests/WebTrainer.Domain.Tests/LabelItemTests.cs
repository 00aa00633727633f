using WebTrainer.Domain.Labels;

namespace WebTrainer.Domain.Tests;

public sealed class QuestionTests
{
    private static readonly ItemShape s_shape = new(TextLength: 20, Turns: 2, Candidates: 3);

    [Theory]
    [InlineData(QuestionKind.Choose, "b", "b")]
    [InlineData(QuestionKind.ChooseMany, """["b","a"]""", """["a","b"]""")]
    [InlineData(QuestionKind.Rate, "5", "5")]
    [InlineData(QuestionKind.YesNo, "no", "no")]
    [InlineData(QuestionKind.Text, "خوب", "خوب")]
    [InlineData(QuestionKind.BestOfTwo, "tie", "tie")]
    [InlineData(QuestionKind.Rank, """["b","a"]""", """["b","a"]""")]
    [InlineData(QuestionKind.TurnRatings, "[1, 5]", "[1,5]")]
    [InlineData(
        QuestionKind.Spans,
        """[{"start":5,"end":9,"label":"b"},{"start":0,"end":2,"label":"a"}]""",
        """[{"start":0,"end":2,"label":"a"},{"start":5,"end":9,"label":"b"}]"""
    )]
    public void Accept_GivesOneFormForEqualAnswers(QuestionKind kind, string given, string stored) =>
        Assert.Equal(stored, Question.New(kind, "q", "?", "a", "b").Accept(given, s_shape));

    [Theory]
    [InlineData(QuestionKind.Choose, "c")]
    [InlineData(QuestionKind.ChooseMany, """["c"]""")]
    [InlineData(QuestionKind.ChooseMany, "[]")]
    [InlineData(QuestionKind.Rate, "6")]
    [InlineData(QuestionKind.YesNo, "maybe")]
    [InlineData(QuestionKind.Text, "  ")]
    [InlineData(QuestionKind.BestOfTwo, "third")]
    [InlineData(QuestionKind.Rank, """["a","a"]""")]
    [InlineData(QuestionKind.TurnRatings, "[1]")]
    [InlineData(QuestionKind.TurnRatings, "nonsense")]
    [InlineData(QuestionKind.Spans, """[{"start":15,"end":21,"label":"a"}]""")]
    [InlineData(QuestionKind.Spans, """[{"start":3,"end":3,"label":"a"}]""")]
    [InlineData(QuestionKind.Links, """[{"from":{"start":0,"end":2,"label":"x"},"to":{"start":0,"end":2,"label":"x"},"label":"a"}]""")]
    [InlineData(QuestionKind.Links, """[{"from":{"start":0,"end":2,"label":"x"},"to":{"start":3,"end":4,"label":"x"},"label":"c"}]""")]
    [InlineData(QuestionKind.Links, """[{"from":{"start":0,"end":2,"label":"x"},"label":"a"}]""")]
    [InlineData(QuestionKind.Links, "[null]")]
    public void Accept_WhatDoesNotAnswer_IsRefused(QuestionKind kind, string given) =>
        Assert.Throws<RuleViolationException>(() => Question.New(kind, "q", "?", "a", "b").Accept(given, s_shape));

    [Fact]
    public void Form_AnswersToQuestionsThatAreNotPut_AreLeftOut()
    {
        Question[] form =
        [
            Question.New(QuestionKind.YesNo, "safe", "Safe?"),
            Question.New(QuestionKind.Text, "why", "Why not?") with
            {
                DependsOn = new Condition("safe", "no"),
            },
        ];
        QuestionForm.Check(form);
        var sheet = QuestionForm.Accept(form, new Dictionary<string, string> { ["safe"] = "yes", ["why"] = "left over" }, s_shape);
        Assert.Equal("""{"safe":"yes"}""", sheet);
        Assert.Throws<RuleViolationException>(() => QuestionForm.Accept(form, new Dictionary<string, string> { ["safe"] = "no" }, s_shape));
    }

    [Fact]
    public void Form_LinkToWhatIsNotMarked_IsRefused_AndNoneSaysThatThereIsNone()
    {
        Question[] form = [Question.New(QuestionKind.Spans, "marks", "?", "x"), Question.New(QuestionKind.Links, "links", "?", "a")];
        QuestionForm.Check(form);
        const string Link = """[{"from":{"start":0,"end":2,"label":"x"},"to":{"start":5,"end":9,"label":"x"},"label":"a"}]""";
        var marks = """[{"start":0,"end":2,"label":"x"},{"start":5,"end":9,"label":"x"}]""";
        Assert.Contains("from", Accept(marks, Link), StringComparison.Ordinal);
        var refusal = Assert.Throws<RuleViolationException>(() => Accept("""[{"start":0,"end":2,"label":"x"}]""", Link));
        Assert.Contains("'x' from 5 to 9, which isn't marked", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("""{"links":"[]","marks":"[]"}""", QuestionForm.Accept(form, new Dictionary<string, string>(), s_shape));

        string Accept(string marked, string linked) =>
            QuestionForm.Accept(form, new Dictionary<string, string> { ["marks"] = marked, ["links"] = linked }, s_shape);
    }

    [Fact]
    public void Form_LinksWithoutAQuestionForMarks_AreRefused() =>
        Assert.Throws<RuleViolationException>(() => QuestionForm.Check([Question.New(QuestionKind.Links, "links", "?", "a")]));

    [Fact]
    public void Form_WaitingForALaterQuestion_IsRefused() =>
        Assert.Throws<RuleViolationException>(() =>
            QuestionForm.Check([
                Question.New(QuestionKind.YesNo, "a", "?") with
                {
                    DependsOn = new Condition("b", "yes"),
                },
                Question.New(QuestionKind.YesNo, "b", "?"),
            ])
        );

    [Theory]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("")]
    [InlineData("a-b")]
    public void Check_NameThatExportsCouldNotCarry_IsRefused(string key) =>
        Assert.Throws<RuleViolationException>(() => Question.New(QuestionKind.YesNo, key, "?").Check());
}

public sealed class LabelTaskTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly Question s_question = Question.New(QuestionKind.Choose, "q", "Which?", "a", "b");

    private static LabelTask Task(TaskRules? rules = null) =>
        new(Guid.NewGuid(), Guid.NewGuid(), "intents", [s_question], rules ?? new TaskRules(), "{}", ["eve", "fay", "gil"], "ada", s_now);

    [Fact]
    public void Rules_MoreOverlapThanPeople_IsRefused() => Assert.Throws<RuleViolationException>(() => Task(new TaskRules { Overlap = 4 }));

    [Fact]
    public void Ask_OtherQuestionsAfterAnswers_IsRefused_ButOtherWordingIsNot()
    {
        var task = Task();
        task.Ask([s_question with { Text = "Which one?" }], isAnswered: true);
        Assert.Equal(2, task.QuestionsVersion);
        Assert.Throws<RuleViolationException>(() => task.Ask([s_question with { Options = ["a", "c"] }], isAnswered: true));
    }

    [Fact]
    public void Guidelines_EachVersionIsKept()
    {
        var task = Task();
        task.WriteGuidelines("one", "ada", s_now);
        task.WriteGuidelines("two", "ada", s_now);
        Assert.Equal([(1, "one"), (2, "two")], task.Guidelines.Select(g => (g.Number, g.Markdown)));
    }

    [Theory]
    [InlineData("a,a,b", "a")]
    [InlineData("a,b", null)]
    [InlineData("a,b,b,a,b", null)]
    public void Consensus_TwoThirds_AreNeeded(string given, string? agreed)
    {
        var sheets = given
            .Split(',')
            .Select(v => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["q"] = v })
            .ToList();
        Assert.Equal(agreed is null ? null : $$"""{"q":"{{agreed}}"}""", Consensus.Of(Task(), sheets));
    }

    [Fact]
    public void Preference_SwappedTwice_IsItself() =>
        Assert.All(Preference.All, value => Assert.Equal(value, Preference.Swap(Preference.Swap(value))));
}
