[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)] // threads and random numbers of Torch belong to the process
