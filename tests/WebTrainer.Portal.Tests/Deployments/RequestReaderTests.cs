using System.Text.Json;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

public sealed class RequestReaderTests
{
    private static CompletionBody Body(string json) => JsonSerializer.Deserialize<CompletionBody>(json)!;

    [Fact]
    public void Chat_TextParts_AreJoined()
    {
        var request = RequestReader.Chat(
            Body(
                """{"messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"max_completion_tokens":7,"stop":"x"}"""
            ),
            "1"
        );
        Assert.Equal(("system", "ab"), (request.Messages![0].Role, request.Messages[0].Content));
        Assert.Equal((7, 1.0), (request.MaxNewTokens, request.Sampling.Temperature));
        Assert.Equal(["x"], request.Stop);
    }

    [Theory]
    [InlineData("\"Hello\"", "Hello")]
    [InlineData("[\"Hello\"]", "Hello")]
    public void Text_PromptOrAListOfOne_IsTheSame(string prompt, string read) =>
        Assert.Equal(read, RequestReader.Text(new CompletionBody { Prompt = JsonDocument.Parse(prompt).RootElement }, "id").Prompt);

    [Theory]
    [InlineData("[\"a\",\"b\"]")]
    [InlineData("[]")]
    [InlineData("[1,2]")]
    public void Text_SeveralPromptsOrTokens_AreRefusedByName(string prompt) =>
        Assert.Contains(
            "'prompt'",
            Assert
                .Throws<OpenAiException>(() =>
                    RequestReader.Text(new CompletionBody { Prompt = JsonDocument.Parse(prompt).RootElement }, "id")
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Text_EchoOfNoNewTokens_AsksOnlyForTheTextsLikelihood()
    {
        var request = RequestReader.Text(
            Body("""{"prompt":"a b","echo":true,"max_tokens":0,"logprobs":3,"top_k":5,"min_p":0.1,"repetition_penalty":1.2}"""),
            "1"
        );
        Assert.Equal((true, 0, 3), (request.Echo, request.MaxNewTokens, request.LogProbabilities));
        Assert.Equal((5, 0.1, 1.2), (request.Sampling.TopK, request.Sampling.MinP, request.Sampling.RepetitionPenalty));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logprobs":"yes"}""", "logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logprobs":true,"top_logprobs":21}""", "top_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"echo":true}""", "echo")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"min_p":2}""", "min_p")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[{"role":"tool","content":"a"}]}""", "tool")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "text parts")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"n":9}""", "'n'")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"n":0}""", "'n'")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"n":-1}""", "'n'")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":3}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"tools":[]}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"frequency_penalty":2.1}""", "frequency_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"presence_penalty":-3}""", "presence_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logit_bias":{"the":1}}""", "logit_bias")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logit_bias":{"5":101}}""", "logit_bias")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_completion_tokens":0}""", "max_completion_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"top_logprobs":2}""", "top_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":"json"}""", "response_format")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema"}}""", "response_format.json_schema")]
    [InlineData(
        """{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}""",
        "response_format.json_schema.schema"
    )]
    [InlineData(
        """{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"schema":{},"strictly":true}}}""",
        "response_format.json_schema.strictly"
    )]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"text","schema":{}}}""", "response_format.schema")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"guided_choice":[]}""", "guided_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"guided_choice":["a"," b"]}""", "guided_choice")]
    [InlineData(
        """{"messages":[{"role":"user","content":"a"}],"guided_choice":["a"],"response_format":{"type":"json_object"}}""",
        "guided_choice"
    )]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"best_of":3}""", "best_of")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"suffix":"b"}""", "suffix")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stop_token_ids":[2]}""", "stop_token_ids")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"min_tokens":5}""", "min_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"ignore_eos":true}""", "ignore_eos")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"guided_json":{}}""", "guided_json")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"reasoning_effort":"low"}""", "reasoning_effort")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"tempratur":0.5}""", "tempratur")]
    [InlineData(
        """{"messages":[{"role":"user","content":"a"}],"stream_options":{"include_usage":true,"every":2}}""",
        "stream_options.every"
    )]
    [InlineData("""{"messages":[{"role":"user","content":"a","name":"Bo"}]}""", "messages[0].name")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stop":["1","2","3","4","5"]}""", "stop")]
    public void Chat_NotSupported_IsRefusedByName(string json, string named)
    {
        var refusal = Assert.Throws<OpenAiException>(() => RequestReader.Chat(Body(json), "1"));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(400, refusal.Status);
        Assert.Contains(refusal.Param!.Split('[')[0], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chat_FormatsAndChoices_ReachTheWorkerAsConstraints()
    {
        AnswerConstraint? Of(string fields) =>
            RequestReader.Chat(Body($$"""{"messages":[{"role":"user","content":"a"}],{{fields}}}"""), "1").Constraint;
        Assert.Null(Of("\"response_format\":{\"type\":\"text\"}"));
        Assert.Equal("""{"type":"object"}""", Of("\"response_format\":{\"type\":\"json_object\"}")!.Schema!.Value.GetRawText());
        Assert.Equal(
            """{"type":"null"}""",
            Of(
                """
                "response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"description":"y","schema":{"type":"null"}}}
                """
            )!
                .Schema!.Value.GetRawText()
        );
        Assert.Equal(["a", "b"], Of("\"guided_choice\":[\"a\",\"b\",\"a\"]")!.Choices);
    }

    [Fact]
    public void Chat_SeveralAnswers_ReachTheWorker() =>
        Assert.Equal(8, RequestReader.Chat(Body("""{"messages":[{"role":"user","content":"a"}],"n":8}"""), "1").Answers);

    [Theory]
    [InlineData("""{"messages":[{"role":"tool","content":"a","tool_call_id":"x"}]}""", "tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":"a","tool_calls":[{}]}]}""", "tool_calls")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a","tool_calls":[{"function":{"name":"f"}}]}]}""", "arguments")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}""", "tools")]
    [InlineData(
        """{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required"}""",
        "tool_choice"
    )]
    public void Chat_ToolsThatAreNone_AreRefusedByName(string json, string named) =>
        Assert.Contains(named, Assert.Throws<OpenAiException>(() => RequestReader.Chat(Body(json), "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void Chat_ToolsAndTheirCalls_ReachTheWorker()
    {
        const string Json = """
            {"messages":[{"role":"user","content":"Weather?"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"b","content":"2"}],
             "tools":[{"type":"function","function":{"name":"f"}}]}
            """;
        var messages = RequestReader.Chat(Body(Json), "1").Messages!;
        Assert.Equal("f", messages[0].Tools!.Value[0].GetProperty("function").GetProperty("name").GetString());
        var (said, calls) = ToolText.Read(messages[1].Content, messages[1].Calls!.Value)!.Value;
        Assert.Equal(("", "f", "g"), (said, calls[0].Name, calls[1].Name));
        Assert.Equal(("user", "2", 2), (messages[2].Role, messages[2].Content, messages[2].Result));
    }

    [Fact]
    public void Chat_ToolsThatMayNotBeCalled_AreNotShown() =>
        Assert.Null(
            RequestReader
                .Chat(
                    Body(
                        """{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none"}"""
                    ),
                    "1"
                )
                .Messages![0]
                .Tools
        );

    [Fact]
    public void Chat_Penalties_ReachTheWorker()
    {
        var sampling = RequestReader
            .Chat(
                Body(
                    """{"messages":[{"role":"user","content":"a"}],"frequency_penalty":0.5,"presence_penalty":-1,"logit_bias":{"7":-100}}"""
                ),
                "1"
            )
            .Sampling;
        Assert.Equal((0.5, -1.0, -100.0), (sampling.FrequencyPenalty, sampling.PresencePenalty, sampling.LogitBias![7]));
    }

    /// <summary>What clients send of themselves, with the value that asks for nothing.</summary>
    [Fact]
    public void Chat_FieldsThatAskForNothing_ArePassedOver() =>
        Assert.NotNull(
            RequestReader.Chat(
                Body(
                    """
                    {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","refusal":null,"tool_calls":null,"annotations":[]},{"role":"user","content":"c"}],
                     "user":"me","metadata":{"a":"b"},"store":false,"response_format":{"type":"text"},"best_of":1,"suffix":null,"parallel_tool_calls":true,"stop_token_ids":[],
                     "min_tokens":0,"service_tier":"auto","stream_options":{"include_usage":true,"include_obfuscation":false}}
                    """
                ),
                "1"
            )
        );

    [Fact]
    public void Text_ListOfPrompts_IsRefused() =>
        Assert.Throws<OpenAiException>(() => RequestReader.Text(Body("""{"prompt":["a","b"]}"""), "1"));
}
