using WebTrainer.Pipeline.Queries;

return QueryChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
