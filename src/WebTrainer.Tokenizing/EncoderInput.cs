namespace WebTrainer.Tokenizing;

public sealed record EncoderInput(int[] Ids, int[] Types, bool Truncated);
