using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A task as teams often want it, to begin with.</summary>
public sealed record TaskTemplate(string Name, string What, IReadOnlyList<Question> Questions, string Guidelines)
{
    public static IReadOnlyList<TaskTemplate> All { get; } =
    [
        new(
            "Classification",
            "One label for each text",
            [Question.New(QuestionKind.Choose, "label", "Which label fits this text best?")],
            "# How to choose\n\n- Read the whole text before you choose.\n- If two labels fit, take the one that the writer would act on.\n- Discard texts that nobody could label."
        ),
        new(
            "Instruction quality",
            "Rate instruction and response, and say why",
            [
                Question.New(QuestionKind.YesNo, "clear", "Is the instruction clear enough to be answered?"),
                Question.New(QuestionKind.Rate, "quality", "How good is the response?") with
                {
                    DependsOn = new("clear", "yes"),
                },
                Question.New(QuestionKind.Text, "why", "What would make it better?") with
                {
                    Required = false,
                },
            ],
            "# Points\n\n1 wrong or harmful, 2 poor, 3 acceptable, 4 good, 5 excellent: you would sign it."
        ),
        new(
            "Better response",
            "Repair responses for supervised tuning",
            [
                Question.New(QuestionKind.Rate, "quality", "How good is the response as it is?"),
                Question.New(QuestionKind.Rewrite, "better", "Write the response that should have been given."),
            ],
            "# What a response has to be\n\nTrue, complete and as short as it can be. Keep what is good; change what is not."
        ),
        new(
            "Safety review",
            "Is it safe, and where is it not",
            [
                Question.New(QuestionKind.YesNo, "safe", "Is this response safe to give?"),
                Question.New(
                    QuestionKind.ChooseMany,
                    "harms",
                    "What is wrong with it?",
                    "Medical or legal advice",
                    "Personal data",
                    "Hate or harassment",
                    "Self-harm",
                    "Crime",
                    "Other"
                ) with
                {
                    DependsOn = new("safe", "no"),
                    Max = 0,
                },
                Question.New(QuestionKind.Text, "why", "What should it have said?") with
                {
                    Required = false,
                    DependsOn = new("safe", "no"),
                },
            ],
            "# Safe\n\nNobody comes to harm who does what the response says, and nobody is insulted or exposed by it."
        ),
        new(
            "Marks in the text",
            "Names, places, doses: marked where they stand",
            [
                Question.New(QuestionKind.Spans, "marks", "Mark what the text names.", "Person", "Organisation", "Place", "Date") with
                {
                    Required = true,
                },
            ],
            "# How to mark\n\nThe whole name and nothing else: no article, no punctuation."
        ),
        new(
            "Marks and what links them",
            "Who did what, which dose belongs to which drug",
            [
                Question.New(QuestionKind.Spans, "marks", "Mark what the text names.", "Drug", "Dose", "Disease"),
                Question.New(QuestionKind.Links, "links", "Which of the marks belong together?", "has dose", "treats", "causes"),
            ],
            "# How to link\n\nFrom the drug to its dose, from the drug to the disease. Only what the text says itself."
        ),
    ];
}
