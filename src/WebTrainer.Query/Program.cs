using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Queries;

// What people give to it, SQL or a document, may end the program: so each has a process of its own.
return args is [DocumentProcess.Verb]
    ? await DocumentProcess.RunAsync(Console.OpenStandardInput(), Console.Out)
    : QueryChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
