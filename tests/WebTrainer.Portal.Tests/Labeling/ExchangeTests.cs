using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class ExchangeTests : LabelingTest
{
    private LabelExport Export => Portal.Get<LabelExport>();
    private LabelImport Import => Portal.Get<LabelImport>();

    [Theory]
    [InlineData(LabelExportFormat.Jsonl)]
    [InlineData(LabelExportFormat.LabelStudio)]
    public async Task ExportThenImport_GivesTheSameAnswersAndAgreement(LabelExportFormat format)
    {
        var task = await NewTaskAsync(
            [Labels, Question.New(QuestionKind.Rate, "quality", "How good?")],
            new TaskRules { Overlap = 2, Order = ItemOrder.AsGiven }
        );
        foreach (var (person, shift) in ((Caller, int)[])[(Ada, 0), (Bo, 1)])
        {
            while (await NextAsync(person, task) is { } item)
            {
                await Answers.SubmitAsync(
                    person,
                    Project,
                    item.Id,
                    new Dictionary<string, string>
                    {
                        ["answer"] = item.Ordinal % 3 == 0 ? "yes" : "no",
                        ["quality"] = $"{1 + ((item.Ordinal + shift) % 5)}",
                    },
                    1,
                    Ct
                );
            }
        }

        var text = await WriteAsync(task, format);
        Assert.DoesNotContain(Ada.UserId, text, StringComparison.Ordinal);
        var copy = (await ImportAsync(text)).Id;
        var (before, after) = (
            await Overviews.AgreementAsync(Lead, Project, task, Ct),
            await Overviews.AgreementAsync(Lead, Project, copy, Ct)
        );
        Assert.Equal(
            before.Select(a => (a.Key, a.Share, Math.Round(a.Alpha!.Value, 9))),
            after.Select(a => (a.Key, a.Share, Math.Round(a.Alpha!.Value, 9)))
        );
    }

    [Fact]
    public async Task Import_LabelStudiosOwnFile_WithMarksAndSeveralChoices()
    {
        const string file = """
            [{"id": 1, "data": {"text": "Ada met Bo in Paris"}, "annotations": [
                {"completed_by": 7, "was_cancelled": false, "result": [
                    {"from_name": "Label", "to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["Person"]}},
                    {"from_name": "topics", "to_name": "text", "type": "choices", "value": {"choices": ["travel", "people"]}}]},
                {"completed_by": 8, "was_cancelled": true, "result": []}]}]
            """;
        var task = (await ImportAsync(file)).Id;
        var item = Assert.Single((await Overviews.ItemsAsync(Lead, Project, task, null, 0, 10, Ct)).Items);
        var answer = Assert.Single(item.Answers);
        Assert.Equal("""["people","travel"]""", answer["topics"]);
        Assert.Equal(
            new SpanMark(0, 3, "Person"),
            Assert.Single(JsonSerializer.Deserialize<SpanMark[]>(answer["label"], JsonSerializerOptions.Web)!)
        );
    }

    /// <summary>Any answers to questions of every kind, in a text with signs beyond the first 65,536, come back as they were.</summary>
    [Fact]
    public void AnswersOfEveryKind_ComeBackFromTheirFiles()
    {
        const string Text = "Ana \U0001F600 met Bo\u2028in \U0001F3E0 Köln";
        var word = OneOf("a", "b c", "سلام", "[\"x\"]", "1", "é\U0001F600");
        var options = new[] { "a", "b c", "سلام", "é\U0001F600" };
        var points = Gen.Int[1, 5];
        var span = OneOf((0, 3), (4, 6), (7, 10), (14, 16), (0, Text.Length))
            .Select(OneOf(options), (place, label) => new SpanMark(place.Item1, place.Item2, label));
        var answers = new (Question Question, Gen<string> Value)[]
        {
            (Question.New(QuestionKind.Choose, "choose", "?", options), OneOf(options)),
            (
                Question.New(QuestionKind.ChooseMany, "many", "?", options) with
                {
                    Min = 0,
                },
                Gen.Shuffle(options).Select(Gen.Int[0, 4], (o, n) => Json(o.Take(n)))
            ),
            (Question.New(QuestionKind.Rate, "rate", "?"), points.Select(p => $"{p}")),
            (Question.New(QuestionKind.YesNo, "yes", "?"), OneOf("yes", "no")),
            (Question.New(QuestionKind.Text, "text_1", "?"), word),
            (Question.New(QuestionKind.Rewrite, "rewrite", "?"), word),
            (Question.New(QuestionKind.Spans, "spans", "?", options), span.Array[0, 4].Select(s => Json(s))),
            (Question.New(QuestionKind.Rank, "rank", "?", options), Gen.Shuffle(options).Select(o => Json(o))),
            (Question.New(QuestionKind.Rank, "rank_responses", "?"), Gen.Shuffle((string[])["0", "1"]).Select(o => Json(o))),
            (Question.New(QuestionKind.BestOfTwo, "best", "?"), OneOf([.. Preference.All])),
            (Question.New(QuestionKind.TurnRatings, "turns", "?"), points.Array[2].Select(p => Json(p))),
        };
        var shape = new ItemShape(Text.Length, 2, 2);
        foreach (var (question, values) in answers)
        {
            values.Sample(value =>
            {
                var stored = question.Accept(value, shape);
                var schema = LabelFiles.Schema([question]);
                var studio = new
                {
                    data = new { text = Text },
                    meta = new { questions = schema },
                    annotations = new[] { new { annotator = 1, result = LabelStudio.Results(question, stored, Text) } },
                };
                var line = new System.Text.Json.Nodes.JsonObject
                {
                    ["text"] = Text,
                    ["questions"] = System.Text.Json.Nodes.JsonNode.Parse(schema.GetRawText()),
                    [AnswerColumns.Name(question, 1)] = AnswerColumns.Write(question, stored, Text),
                };
                return new[] { JsonSerializer.Serialize(new[] { studio }), line.ToJsonString() }.All(file =>
                    ReadBack(file, question, shape) == stored
                );
            });
        }

        static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

        static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
    }

    /// <summary>Any links between any marks come back from both files, beside their marks.</summary>
    [Fact]
    public void LinksBetweenMarks_ComeBackFromTheirFiles()
    {
        const string Text = "Ana \U0001F600 met Bo\u2028in \U0001F3E0 Köln";
        var spans = Question.New(QuestionKind.Spans, "marks", "?", "a", "é\U0001F600");
        var links = Question.New(QuestionKind.Links, "links", "?", "knows", "با");
        SpanMark[] marks = [new(0, 3, "a"), new(0, 3, "é\U0001F600"), new(7, 10, "a"), new(14, 16, "a")];
        var link = Gen.Int[0, marks.Length - 1]
            .Select(Gen.Int[1, marks.Length - 1], Gen.Int[0, 1])
            .Select((from, step, label) => new SpanLink(marks[from], marks[(from + step) % marks.Length], links.Options[label]));
        var shape = new ItemShape(Text.Length, 0, 0);
        var marked = spans.Accept(JsonSerializer.Serialize(marks, JsonSerializerOptions.Web), shape);
        link.Array[0, 6]
            .Sample(given =>
            {
                var stored = links.Accept(JsonSerializer.Serialize(given, JsonSerializerOptions.Web), shape);
                var schema = LabelFiles.Schema([spans, links]);
                var studio = new
                {
                    data = new { text = Text },
                    meta = new { questions = schema },
                    annotations = new[]
                    {
                        new
                        {
                            annotator = 1,
                            result = LabelStudio.Results(spans, marked, Text).Concat(LabelStudio.Results(links, stored, Text)),
                        },
                    },
                };
                var line = new JsonObject
                {
                    ["text"] = Text,
                    ["questions"] = JsonNode.Parse(schema.GetRawText()),
                    [AnswerColumns.Name(spans, 1)] = AnswerColumns.Write(spans, marked, Text),
                    [AnswerColumns.Name(links, 1)] = AnswerColumns.Write(links, stored, Text),
                };
                return new[] { JsonSerializer.Serialize(new[] { studio }), line.ToJsonString() }.All(file =>
                {
                    var read = LabelFiles.Read(file);
                    var answers = Assert.Single(Assert.Single(read.Items).Sheets).Answers;
                    return read.Notes.Listed.Count == 0
                        && links.Accept(answers.GetValueOrDefault("links")?.Value ?? "[]", shape) == stored
                        && spans.Accept(answers["marks"].Value, shape) == marked;
                });
            });
    }

    [Fact]
    public async Task RelationsOfLabelStudio_AreLinksBetweenMarks()
    {
        var imported = await ImportAsync(
            """
            [{"data":{"text":"Ada met Bo in Paris"},"annotations":[{"completed_by":1,"result":[
                {"from_id":"m2","to_id":"m1","type":"relation","direction":"left","labels":["met"]},
                {"from_id":"m1","to_id":"gone","type":"relation","direction":"right"},
                {"id":"m1","from_name":"who","to_name":"text","type":"labels","value":{"start":0,"end":3,"labels":["Person"]}},
                {"id":"m2","from_name":"who","to_name":"text","type":"labels","value":{"start":8,"end":10,"labels":["Person"]}},
                {"from_id":"m1","to_id":"m2","type":"relation","direction":"bi"}]}]}]
            """
        );
        Assert.Contains(imported.LeftOut, sentence => sentence.StartsWith("Relations were left out", StringComparison.Ordinal));
        var item = Assert.Single((await Overviews.ItemsAsync(Lead, Project, imported.Id, null, 0, 10, Ct)).Items);
        var links = JsonSerializer.Deserialize<SpanLink[]>(Assert.Single(item.Answers)["relations"], JsonSerializerOptions.Web)!;
        var (ada, bo) = (new SpanMark(0, 3, "Person"), new SpanMark(8, 10, "Person"));
        Assert.Equal([new SpanLink(ada, bo, "met"), new(ada, bo, "related"), new(bo, ada, "related")], links);
        var config = await WriteAsync(imported.Id, LabelExportFormat.LabelStudioConfig);
        Assert.Contains("<Relation value=\"met\" />", config, StringComparison.Ordinal);
    }

    private static string ReadBack(string file, Question question, ItemShape shape)
    {
        var read = LabelFiles.Read(file);
        Assert.Empty(read.Notes.Listed);
        var asked = Assert.Single(read.Questions!);
        Assert.Equal(JsonSerializer.Serialize(question), JsonSerializer.Serialize(asked));
        var answer = Assert.Single(Assert.Single(read.Items).Sheets).Answers.GetValueOrDefault(question.Key);
        var value =
            answer is null ? ""
            : question.Kind == QuestionKind.ChooseMany && answer.Kind != QuestionKind.ChooseMany
                ? JsonSerializer.Serialize(new[] { answer.Value })
            : answer.Value;
        return value.Length == 0 && question.Kind == QuestionKind.Spans ? "[]" : asked.Accept(value, shape);
    }

    [Theory]
    [InlineData(LabelExportFormat.Jsonl)]
    [InlineData(LabelExportFormat.LabelStudio)]
    public async Task TextWithNothingToMark_CanBeSubmitted_AndReturns(LabelExportFormat format)
    {
        var task = await NewTaskAsync(
            [Question.New(QuestionKind.Spans, "names", "Names?", "Person")],
            new TaskRules { Overlap = 1, Order = ItemOrder.AsGiven }
        );
        await AnswerAllAsync(Ada, task, _ => "[]");
        var copy = await ImportAsync(await WriteAsync(task, format));
        Assert.Empty(copy.LeftOut);
        Assert.All(
            (await Overviews.ItemsAsync(Lead, Project, copy.Id, null, 0, 10, Ct)).Items,
            item => Assert.Equal("[]", Assert.Single(item.Answers)["names"])
        );
    }

    /// <summary>As Label Studio exports a short list of fields, and as Argilla exports records of two generations.</summary>
    [Theory]
    [InlineData(
        """[{"id":1,"text":"a","mood":"good","annotator":1,"lead_time":2.5},{"id":1,"text":"a","mood":"bad","annotator":2},{"id":2,"text":"b","mood":"good","annotator":1}]""",
        "mood",
        "bad|good,good"
    )]
    [InlineData(
        """[{"fields":{"text":"a"},"responses":{"mood":[{"value":"good","user_id":"u1"},{"value":"bad","user_id":"u2"}]}},{"fields":{"text":"b"},"responses":{"mood":[{"value":"good","user_id":"u1"}]}}]""",
        "mood",
        "bad|good,good"
    )]
    [InlineData(
        """[{"fields":{"text":"a"},"responses":[{"user_id":"u1","status":"submitted","values":{"mood":{"value":"good"}}},{"user_id":"u2","status":"discarded","values":{}}]},{"fields":{"text":"b"},"responses":[{"user_id":"u1","values":{"mood":{"value":"bad"}}}]}]""",
        "mood",
        "good,bad"
    )]
    [InlineData(
        """[{"data":{"text":"a"},"annotations":[{"result":[{"from_name":"stars","type":"rating","value":{"rating":3.5}}]}]},{"data":{"text":"b"},"annotations":[{"result":[{"from_name":"stars","type":"rating","value":{"rating":4}}]}]}]""",
        "stars",
        "3.5,4"
    )]
    [InlineData(
        """[{"data":{"text":"a"},"annotations":[{"result":[{"from_name":"order","type":"ranker","value":{"ranker":{"rank":["y","x"]}}}]}]},{"data":{"text":"b"},"annotations":[{"result":[]}]}]""",
        "order",
        """["y","x"],"""
    )]
    public async Task FilesOfOtherPrograms_AreRead(string file, string key, string answers)
    {
        var imported = await ImportAsync(file);
        var items = (await Overviews.ItemsAsync(Lead, Project, imported.Id, null, 0, 10, Ct)).Items.OrderBy(item => item.Ordinal);
        Assert.Equal(
            answers,
            string.Join(
                ',',
                items.Select(item => string.Join('|', item.Answers.Select(answer => answer[key]).Order(StringComparer.Ordinal)))
            )
        );
    }

    [Fact]
    public async Task OneBrokenItem_CostsItself_AndIsSaid()
    {
        var imported = await ImportAsync(
            """
            [{"data":{"text":"a"},"predictions":[{"score":0.4}],"annotations":[{"result":[{"from_name":"mood","type":"choices","value":{"choices":["good"]}},{"type":"brushlabels","value":{}}]}]},
             {"data":{"text":"b"},"annotations":[{"result":[{"from_name":"mood","type":"choices"}]}]},
             {"data":{"text":"c"},"annotations":[{"result":[{"from_name":"mood","type":"choices","value":{"choices":["bad"]}}]}]}]
            """
        );
        Assert.Equal(2, (await Overviews.ItemsAsync(Lead, Project, imported.Id, null, 0, 10, Ct)).Items.Count);
        Assert.Contains(imported.LeftOut, sentence => sentence.StartsWith("Item 2 was left out", StringComparison.Ordinal));
        Assert.Contains(imported.LeftOut, sentence => sentence.Contains("'brushlabels'", StringComparison.Ordinal));
        Assert.Contains(imported.LeftOut, sentence => sentence.Contains("predictions", StringComparison.Ordinal));
    }

    /// <summary>Whatever stands in the place of any part of an item, the others come in.</summary>
    [Theory]
    [InlineData(
        """{"data":{"text":"b","messages":[{"role":"user","content":"b"}]},"predictions":[{"score":1}],"annotations":[{"completed_by":{"id":2},"result":[{"from_name":"mood","type":"choices","value":{"choices":["bad","good"]}},{"from_name":"names","type":"labels","value":{"start":0,"end":1,"labels":["P"]}},{"from_name":"order","type":"ranker","value":{"ranker":{"rank":["x","y"]}}},{"from_name":"said","type":"textarea","value":{"text":["t"]}},{"from_name":"when","type":"datetime","value":{"datetime":"now"}},{"type":"relation","from_id":"a","to_id":"b"}]}]}"""
    )]
    [InlineData(
        """{"fields":{"text":"b"},"responses":{"mood":[{"value":"bad","user_id":"u"}],"several":[{"value":["p","q"],"user_id":"u"}]}}"""
    )]
    [InlineData("""{"text":"b","mood.annotator_1":"bad","many.annotator_1":["p"],"names.annotator_1":[{"start":0,"end":1,"label":"P"}]}""")]
    public void AnyPartOfAnItem_ThatIsSomethingElse_CostsThatItemAtMost(string item)
    {
        const string Good =
            """{"data":{"text":"a"},"annotations":[{"completed_by":1,"result":[{"from_name":"mood","type":"choices","value":{"choices":["good"]}}]}]}""";
        string[] others = ["null", "7", "\"[x\"", "{}", "[]", "[null]", "[[1]]", "[{}]", "true", "-3.5"];
        foreach (var place in PlacesOf(JsonNode.Parse(item)!))
        {
            foreach (var other in others)
            {
                var changed = JsonNode.Parse(item)!;
                Replace(changed, place, JsonNode.Parse(other));
                var read = LabelFiles.Read($"[{Good},{changed.ToJsonString()},{Good}]");
                Assert.True(read.Items.Count >= 2, $"{string.Join('.', place)} = {other}");
                Assert.Contains("mood", GuessedQuestions.Of(read.Items).Keys);
            }
        }
    }

    private static IEnumerable<object[]> PlacesOf(JsonNode node) =>
        node switch
        {
            JsonObject fields => fields.SelectMany(field => Below(field.Key, field.Value)),
            JsonArray list => list.Index().SelectMany(item => Below(item.Index, item.Item)),
            _ => [],
        };

    private static IEnumerable<object[]> Below(object key, JsonNode? node) =>
        [
            [key],
            .. node is null ? [] : PlacesOf(node).Select(place => (object[])[key, .. place]),
        ];

    private static void Replace(JsonNode node, object[] place, JsonNode? value)
    {
        foreach (var step in place.SkipLast(1))
        {
            node = (step is int at ? node[at] : node[(string)step])!;
        }

        if (place[^1] is int index)
        {
            node[index] = value;
        }
        else
        {
            node[(string)place[^1]] = value;
        }
    }

    [Fact]
    public async Task NamesOfAnotherScript_HaveKeysOfTheirOwn()
    {
        var imported = await ImportAsync(
            """{"text":"a","لحن.annotator_1":"خوب","موضوع.annotator_1":"کارت"}"""
                + "\n"
                + """{"text":"b","لحن.annotator_1":"بد","موضوع.annotator_1":"پول"}"""
        );
        var item = (await Overviews.ItemsAsync(Lead, Project, imported.Id, null, 0, 10, Ct)).Items.Single(i => i.Ordinal == 0);
        Assert.Equal(["خوب", "کارت"], Assert.Single(item.Answers).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => a.Value));
    }

    [Fact]
    public void TextQuestion_MadeByTheApi_HasNoLimitOfItsOwn()
    {
        var question = JsonSerializer.Deserialize<Question>("""{"key":"a","kind":4,"text":"?"}""", JsonSerializerOptions.Web)!;
        Assert.Equal((QuestionKind.Text, 0), (question.Kind, question.Max));
        Assert.Equal("more than five", question.Accept("more than five", new ItemShape(1, 0, 0)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{}]")]
    [InlineData("[{\"data\": {}}]")]
    [InlineData("not json")]
    [InlineData("{\"text\": \"no answer at all\"}")]
    [InlineData(
        "[{\"data\":{\"text\":\"x\"},\"annotations\":[{\"result\":[{\"from_name\":\"a\",\"type\":\"brushlabels\",\"value\":{}}]}]}]"
    )]
    public async Task Import_WhatCannotBeRead_IsRefusedWithASentence(string file) =>
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Import.ImportAsync(Lead, Project, "x", new MemoryStream(Encoding.UTF8.GetBytes(file)), Ct)
        );

    [Fact]
    public async Task Csv_CellsThatSpreadsheetsWouldRun_AreGuarded()
    {
        Version = (
            await Portal.AddVersionAsync(Project, [CanonicalRow.Create("r", 1, null, "=cmd|' /C calc'!A0", (string?)null)], "Formulas")
        ).Id;
        var task = await NewTaskAsync(Question.New(QuestionKind.Text, "answer", "?"), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "@SUM(1)");
        var csv = await WriteAsync(task, LabelExportFormat.Csv);
        Assert.Contains("\"'=cmd", csv, StringComparison.Ordinal);
        Assert.Contains("\"'@SUM(1)\"", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ByAnAnnotator_IsForbidden()
    {
        var task = await NewTaskAsync();
        await Assert.ThrowsAsync<ForbiddenException>(() => Export.WriteAsync(Ada, Project, task, LabelExportFormat.Jsonl, Stream.Null, Ct));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](data:text/html;base64,xx)")]
    [InlineData("![a](https://evil.example/x.png)")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    public void Markdown_HarmfulMarkup_IsNeitherScriptNorImageNorOtherAddress(string text)
    {
        var html = Markdown.Render(text).Value;
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(?i)<a[^>]*(javascript|data):", html);
    }

    [Fact]
    public void Difference_TellsWhatWasAddedAndRemoved() =>
        Assert.Equal(
            [
                new DifferencePiece(DifferenceKind.Same, "the "),
                new(DifferenceKind.Removed, "old"),
                new(DifferenceKind.Added, "new"),
                new(DifferenceKind.Same, " text"),
            ],
            TextDifference.Of("the old text", "the new text")
        );

    [Fact]
    public void WordSelection_MovesAndStretchesByWords()
    {
        const string text = "Ada met Bo.";
        var one = WordSelection.Move(text, null, "next-word");
        Assert.Equal((0, 3), one);
        Assert.Equal((0, 7), WordSelection.Move(text, one, "longer"));
        Assert.Equal((8, 10), WordSelection.Move(text, (4, 7), "next-word"));
        Assert.Equal((0, 3), WordSelection.Move(text, (0, 7), "shorter"));
    }

    private Task<ImportedTask> ImportAsync(string text) =>
        Import.ImportAsync(Lead, Project, "Copy", new MemoryStream(Encoding.UTF8.GetBytes(text)), Ct);

    private async Task<string> WriteAsync(Guid task, LabelExportFormat format)
    {
        using var target = new MemoryStream();
        await Export.WriteAsync(Lead, Project, task, format, target, Ct);
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
