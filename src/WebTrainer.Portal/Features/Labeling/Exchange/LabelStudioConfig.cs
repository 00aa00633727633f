using System.Xml.Linq;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A task's questions as the labelling configuration that Label Studio shows its answers by.</summary>
public static class LabelStudioConfig
{
    /// <summary>What the answers to a question are about: the text, or the list that is put in order.</summary>
    internal static string Target(Question question) => question.Kind == QuestionKind.Rank ? question.Key + "_items" : "text";

    public static string Write(IReadOnlyList<Question> questions)
    {
        var view = new XElement("View", new XElement("Text", new XAttribute("name", "text"), new XAttribute("value", "$text")));
        foreach (var question in questions)
        {
            view.Add(new XElement("Header", new XAttribute("value", question.Text)), Tags(question));
        }

        return view.ToString();
    }

    private static IEnumerable<XElement> Tags(Question question) =>
        question.Kind switch
        {
            QuestionKind.Choose or QuestionKind.YesNo or QuestionKind.BestOfTwo => [Choices(question, "single")],
            QuestionKind.ChooseMany => [Choices(question, "multiple")],
            QuestionKind.Rate => [Tag(question, "Rating", new XAttribute("maxRating", question.Max))],
            QuestionKind.Spans =>
            [
                Tag(question, "Labels", question.Options.Select(label => new XElement("Label", new XAttribute("value", label)))),
            ],
            QuestionKind.Links =>
            [
                new XElement("Relations", question.Options.Select(label => new XElement("Relation", new XAttribute("value", label)))),
            ],
            QuestionKind.Rank =>
            [
                new XElement("List", new XAttribute("name", Target(question)), new XAttribute("value", "$" + Target(question))),
                Tag(question, "Ranker"),
            ],
            _ => [Tag(question, "TextArea")],
        };

    private static XElement Choices(Question question, string choice) =>
        Tag(
            question,
            "Choices",
            new XAttribute("choice", choice),
            question.Choices.Select(value => new XElement("Choice", new XAttribute("value", value)))
        );

    private static XElement Tag(Question question, string name, params object[] content) =>
        new(name, new XAttribute("name", question.Key), new XAttribute("toName", Target(question)), content);
}
